/**
 * report.json, which every reporter renders. Its schema is the source of its types, and of schema/report.schema.json.
 * Units are in the names. Keys that a later version adds are kept and ignored.
 */

import { z } from "zod";
import {
  amount,
  anyText,
  count,
  type Described,
  listOf,
  number,
  orNull,
} from "../../measure/schema-parts.js";
import {
  ending,
  environment,
  events,
  evidence,
  recordedLoad,
  scenario,
  services,
  tool,
  unjudged,
} from "../../measure/shared-fields.js";
import { telemetryRecord } from "../../measure/telemetry/telemetry-record.js";
import { workerRecord } from "../../measure/workers/worker-record.js";
import { checkPart } from "./check-part.js";
import { comparisonPart } from "./comparison-part.js";
import { faultPart } from "./fault-part.js";
import { phasePart } from "./phase-part.js";
import { reasonParts } from "./reason-part.js";
import { sloResults } from "./slo-result.js";
import { runVerdict, verdict } from "./verdict.js";

export type { Latency } from "../../slo/observations.js";
export type { CheckReport } from "./check-part.js";
export type { EarlierComparison } from "./comparison-part.js";
export type {
  Comparison,
  ErrorBudget,
  FaultReport,
  Finding,
  FindingId,
  NewStatus,
  Timing,
} from "./fault-part.js";
export type { LatencySummary, PhaseReport, TracePart } from "./phase-part.js";
export type { Reason } from "./reason-part.js";
export type { MostlyOf, SharedReason, ShareEvidence, SloResult } from "./slo-result.js";
export type { RunVerdict, Verdict } from "./verdict.js";

export const REPORT_FORMAT_VERSION = 1;

export const reportSchema = z.looseObject({
  formatVersion: count,
  tool,
  scenario,
  verdict: runVerdict,
  exitCode: count,
  reason: anyText.describe("One sentence: why this verdict."),
  because: reasonParts.optional(),
  reasonFaults: listOf(anyText)
    .optional()
    .describe("Faults whose own reasons `reason` says; older reports lack it."),
  evidence,
  otherSlos: listOf(anyText)
    .optional()
    .describe("SLOs that it was judged by instead of the run's own; not there when those were used."),
  startedAt: anyText.describe("ISO 8601, UTC."),
  durationS: amount,
  seed: number,
  // A lower bound.
  score: orNull(
    z.looseObject({ value: number, explanation: anyText, because: reasonParts.optional() }),
  ).describe(
    "0 to 100; null when the baseline did not pass, most SLOs of the faults are undecided, the run is invalid or it ended early.",
  ),
  unjudged: unjudged
    .optional()
    .describe("Requests that were due between phases, around a change of a fault. Older reports lack it."),
  phases: listOf(phasePart),
  baseline: z.looseObject({ verdict, slos: sloResults }).describe("The SLOs before any fault."),
  faults: listOf(faultPart),
  checks: listOf(checkPart)
    .optional()
    .describe("What was asked of the system itself. Not there without checks, and in older reports."),
  comparison: comparisonPart
    .optional()
    .describe("With an earlier run. Not there without `--baseline`, and in reports that are made again."),
  workers: listOf(workerRecord)
    .optional()
    .describe("Who made the load, and what each of them saw. Not there when the runner made it itself."),
  telemetry: listOf(telemetryRecord)
    .optional()
    .describe("What became of what was told others while it ran. Not there without `telemetry:`."),
  reasonChecks: listOf(anyText).optional().describe("Checks whose own reasons `reason` says."),
  environment,
  load: recordedLoad,
  events,
  services,
  ending,
  // To be shown with them.
  limits: listOf(anyText).describe("What the verdicts do not say, one sentence each."),
});

export interface Report extends Described<typeof reportSchema> {}
