/** What record.json holds of ids that a check has held against what the load has sent. */

import { z } from "zod";
import {
  anyText,
  count,
  type Described,
  listOf,
  nullableNumber,
  nullableText,
  orNull,
} from "../schema-parts.js";
import { phaseKind } from "../shared-fields.js";

const example = z.looseObject({
  id: anyText,
  sentAtS: nullableNumber.describe(
    "When the request was due, in seconds since load began; null: nobody sent it.",
  ),
  when: orNull(phaseKind).describe("fault: with it in place. recovery: after it, up to the next one."),
  fault: nullableText.describe("The fault's label."),
  fate: nullableText.describe("acknowledged, refused or unknown."),
  times: count.describe("How often it was found."),
});

export interface IdExample extends Described<typeof example> {}

const group = z.looseObject({
  count,
  sent: listOf(z.looseObject({ when: phaseKind, fault: nullableText, count })).describe(
    "When their requests were due.",
  ),
  examples: listOf(example).describe("The earliest ones, at most 20."),
});

export interface IdGroup extends Described<typeof group> {}

const most = orNull(count);

export const idsRecord = z.looseObject({
  request: anyText.describe("Name of the requests."),
  id: anyText.describe("What their id is."),
  most: z
    .looseObject({ lost: most, duplicated: most, unexpected: most })
    .describe("How many there may be; null: any number."),
  acknowledged: count.describe("Ids whose request was answered as expected."),
  refused: count.describe("Ids whose request was answered with an error, or taken by nobody."),
  unknown: count.describe("Ids whose request may have been done or not: timeouts, resets, 502, 504."),
  withoutId: count.describe(
    "Requests that may have been done and whose id is not known: no answer brought it.",
  ),
  stored: count.describe("Ids of the load that were found."),
  thereBefore: nullableNumber.describe(
    "Ids that were found before the load; null: it could not be asked then.",
  ),
  neverSent: count.describe(
    "Ids that were found, that the load did not send, and that were not there before.",
  ),
  lost: group.describe("Acknowledged, and not found."),
  duplicated: group.describe("Found more often than they were sent."),
  unexpected: group.describe("Refused, or never sent, and found."),
  recovered: group.describe("Unknown, and found."),
});

export interface IdsRecord extends Described<typeof idsRecord> {}
