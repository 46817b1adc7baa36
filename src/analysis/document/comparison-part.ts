/** What report.json holds of the comparison with an earlier run, where one was asked for. */

import { z } from "zod";
import { anyText, type Described, listOf, nullableText, number, orNull } from "../../measure/schema-parts.js";
import { runVerdict } from "./verdict.js";

const ANSWERS = ["regressed", "fixed", "improved", "same", "cannot_tell"] as const;

export const comparisonPart = z.looseObject({
  answer: z
    .enum([...ANSWERS, "none_shown", "another_test"], "expected an answer")
    .describe(
      "regressed: the command exits 1. none_shown: some are the same, the rest cannot be told. another_test: not compared.",
    ),
  reason: anyText.describe("One sentence."),
  earlier: z
    .looseObject({ startedAt: anyText, verdict: runVerdict, score: orNull(number) })
    .describe("The run that this one was held against."),
  mismatches: listOf(anyText).describe("What makes the two runs different tests."),
  rows: listOf(
    z.looseObject({
      kind: z.enum(["slo", "check"], "expected a kind"),
      name: anyText.describe("The SLO as it was written, or the check's name."),
      fault: nullableText.describe("null: the baseline, or a check."),
      phase: nullableText,
      answer: z.enum(ANSWERS, "expected an answer"),
      reason: anyText.describe("One sentence."),
    }),
  ),
});

/** The comparison with the run that `--baseline` names. */
export interface EarlierComparison extends Described<typeof comparisonPart> {}
