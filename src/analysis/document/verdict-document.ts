/** The verdict alone, for delivery tools: small, flat, and the same for years. */

import { z } from "zod";
import { anyText, count, type Described, listOf, number, orNull } from "../../measure/schema-parts.js";
import type { Report } from "./report.js";
import { runVerdict, verdict } from "./verdict.js";

export const VERDICT_FORMAT_VERSION = 1;

export const verdictDocumentSchema = z.looseObject({
  formatVersion: z.literal(VERDICT_FORMAT_VERSION),
  decision: z
    .enum(["pass", "fail", "inconclusive"])
    .describe("What a delivery tool should go by: go on, roll back, or wait for a person."),
  verdict: runVerdict.describe("As in report.json."),
  exitCode: count.describe("That `faultline run` ends with when nothing maps it."),
  reason: anyText.describe("One sentence."),
  score: orNull(number).describe("0 to 100; null when there is none."),
  scenario: anyText.describe("Its name."),
  startedAt: anyText.describe("ISO 8601, UTC."),
  durationS: number,
  comparison: z
    .looseObject({ answer: anyText, reason: anyText })
    .optional()
    .describe("With the run that `--baseline` names. A regression makes `decision` fail."),
  faults: listOf(z.looseObject({ name: anyText, verdict })),
  checks: listOf(z.looseObject({ name: anyText, verdict }))
    .optional()
    .describe("Not there when the scenario has none."),
});

export interface VerdictDocument extends Described<typeof verdictDocumentSchema> {}

export function verdictDocument(report: Report): VerdictDocument {
  const {
    verdict: ofRun,
    exitCode,
    reason,
    score,
    scenario,
    startedAt,
    durationS,
    faults,
    checks,
    comparison,
  } = report;
  return {
    formatVersion: VERDICT_FORMAT_VERSION,
    decision: decisionOf(report),
    verdict: ofRun,
    exitCode,
    reason,
    score: score?.value ?? null,
    scenario: scenario.name,
    startedAt,
    durationS,
    ...(comparison ? { comparison: { answer: comparison.answer, reason: comparison.reason } } : {}),
    faults: faults.map((fault) => ({ name: fault.name, verdict: fault.verdict })),
    ...(checks ? { checks: checks.map(({ name, verdict }) => ({ name, verdict })) } : {}),
  };
}

/** A run that somebody stopped has shown nothing. A run that an `abort:` condition stopped has shown something. */
function decisionOf({ verdict: ofRun, ending, comparison }: Report): VerdictDocument["decision"] {
  if (ofRun === "pass" && comparison?.answer === "regressed") return "fail";
  if (ofRun === "pass" || ofRun === "fail") return ofRun;
  return ofRun === "aborted" && ending.kind === "aborted" ? "fail" : "inconclusive";
}

/** The text of schema/verdict.schema.json. */
export function verdictJsonSchemaText(): string {
  const schema = {
    title: "faultline verdict",
    description:
      "verdict.json, and what `faultline verdict --json` prints. Fields may be added; none of these goes away.",
    ...z.toJSONSchema(verdictDocumentSchema, { io: "input" }),
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}
