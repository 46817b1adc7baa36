/** What report.json holds of one SLO in one phase. */

import { z } from "zod";
import {
  anyText,
  count,
  type Described,
  flag,
  listOf,
  metricValue,
  nullableText,
  number,
  orNull,
} from "../../measure/schema-parts.js";
import { sloUnit } from "../../measure/shared-fields.js";
import { sloRecord } from "../../measure/slo-record.js";
import { parseSlo } from "../../slo/parse.js";
import { JUDGED_PHASES, type Slo } from "../../slo/slo.js";
import { reasonParts } from "./reason-part.js";
import { verdict } from "./verdict.js";

const share = z.looseObject({
  value: number,
  lower95: number,
  upper95: number,
  seconds: count,
  /** Seconds with a bad request. */
  badSeconds: count,
  /** Runs of bad seconds. Two runs are at least 2 s apart. */
  episodes: count,
  // Older reports lack it. null: the metric is no quantile.
  quantile98: orNull(z.tuple([metricValue, metricValue]))
    .optional()
    .describe(
      "98 % interval of a quantile itself, also where verdicts are by what was observed; for comparisons.",
    ),
});

/** The share of bad requests of one SLO in one phase, with its 95 % interval. A later run is compared with it. */
export interface ShareEvidence extends Described<typeof share> {}

/** What a shared sentence is about. It is true of a whole phase or fault. */
const SHARED_REASON_IDS = ["not_offered", "judged_from_dispatch", "lateness_decides", "not_proven"] as const;

const sharedReason = z.looseObject({
  id: z.enum(SHARED_REASON_IDS).describe("What the sentence is about."),
  // The phase's id, or the fault's name, and whatever else the sentence depends on.
  of: anyText.describe("The phase or fault that it is true of."),
  // "" when there is nothing.
  own: anyText.describe("What reason says of this SLO alone."),
});

/** Reasons with the same `id` and `of` have the same sentence. A report for people says it once. */
export interface SharedReason extends Described<typeof sharedReason> {}

const lateness = z.looseObject({
  decides: flag.describe("Nothing was decided because of it: measuring once more may tell."),
  // dispatch: `observed` counts from there, too.
  judgedFrom: z.enum(["due", "dispatch"]).describe("From when latency counts: due, or left."),
});

const mostlyOf = z.looseObject({
  request: anyText,
  bad: count.describe("Bad requests of this name."),
  of: count.describe("Bad requests of all names."),
  failedBy: nullableText.describe(
    "Why most of them failed; null where most were slow, or no reason stands out.",
  ),
  slowerThanMs: orNull(number).describe("The limit, where most of them were only slow."),
});

/** The request name that most bad requests had. */
export interface MostlyOf extends Described<typeof mostlyOf> {}

export const sloResult = z.looseObject({
  expect: anyText.describe("The SLO as the scenario has it."),
  // A relative target is here as it was written. `target` beside it is the number that it came to.
  slo: orNull(sloRecord)
    .optional()
    .describe("`expect` as data. null: the scenario has no such SLO. Older reports lack it."),
  phase: z.enum(JUDGED_PHASES, "expected a phase"),
  verdict,
  unit: sloUnit.describe("Of baseline, observed, after, interval and target. ratio: 0 to 1."),
  baseline: metricValue,
  observed: metricValue,
  after: metricValue.describe("The same metric after the fault was removed."),
  interval: orNull(z.tuple([metricValue, metricValue])).describe("98 % interval, lower then upper."),
  target: metricValue,
  /** One sentence: how far off, what it would take, or why it is invalid. */
  reason: anyText,
  because: reasonParts.optional(),
  shared: sharedReason
    .optional()
    .describe(
      "Set where reason has a sentence that other SLOs have as well: the same id and of, the same sentence.",
    ),
  // null for recovery and detection.
  counts: orNull(z.looseObject({ bad: count, total: count, budget: number })).describe(
    "Bad requests against the share that may be bad.",
  ),
  // A recovery that was not seen to end.
  censored: flag.describe("observed is only a lower bound."),
  lateness: lateness
    .optional()
    .describe("What the load generator's own lateness had to do with the verdict; not there: nothing."),
  mostly: nullableText
    .optional()
    .describe(
      "Of a broken promise on all requests: which request name most bad ones were of; reason ends with it. Older reports lack it.",
    ),
  mostlyOf: mostlyOf.optional().describe("What `mostly` says, as data. Older reports lack it."),
  // null when the metric has no share of bad requests.
  share: orNull(share).describe("Share of bad requests with its 95 % interval."),
});

export interface SloResult extends Described<typeof sloResult> {}

/** What was promised. @returns null when the result is of no SLO of a scenario. */
export function promiseOf({ slo, expect }: Pick<SloResult, "slo" | "expect">): Slo | null {
  if (slo !== undefined) return slo;
  const parsed = parseSlo(expect);
  return parsed.ok ? parsed.slo : null;
}

export const sloResults = listOf(sloResult);
