/** What record.json holds of the looks at a set of ids while the load went on. */

import { z } from "zod";
import { amount, count, type Described } from "../schema-parts.js";

export const looksRecord = z.looseObject({
  everyS: amount.describe("As it was asked for. Looks that take long follow each other later."),
  count: count.describe("Looks while the load went on."),
  failed: count.describe("Those of them that could not read the set."),
  widestS: amount.describe(
    "The longest time from the begin of a look to the begin of the next one that read the set.",
  ),
  longestS: amount.describe("The longest time that one look took."),
  totalS: amount.describe("What all of them took."),
});

export interface LooksRecord extends Described<typeof looksRecord> {}
