/**
 * record.json: what was planned, done and seen in a run. It has no verdicts: those are made from it, now or later. Its
 * schema is the source of its types. Keys that a later version adds are kept and ignored.
 */

import { z } from "zod";
import type { PlannedPhase } from "../plan/timeline.js";
import { checkRecord } from "./checks/check-record.js";
import { faultRecord } from "./fault-record.js";
import { phaseRecord } from "./phase-record.js";
import { podsRecord } from "./pods/pod-record.js";
import {
  amount,
  anyText,
  type Described,
  listOf,
  nullableNumber,
  nullableText,
  number,
} from "./schema-parts.js";
import {
  ending,
  environment,
  events,
  evidence,
  laterRoundSchema,
  phaseKind,
  recordedLoad,
  scenario,
  services,
  tool,
  unjudged,
} from "./shared-fields.js";
import { sloRecord } from "./slo-record.js";
import { telemetryRecord } from "./telemetry/telemetry-record.js";
import { workerRecord } from "./workers/worker-record.js";

export type { CheckAsks, CheckRecord } from "./checks/check-record.js";
export type { FaultRecord } from "./fault-record.js";
export type {
  AcceptedBySpan,
  MachineSeconds,
  MachineUse,
  PhaseRecord,
  RequestSeries,
  SlowSeries,
  StatusCount,
  TimeToFailure,
} from "./phase-record.js";
export type {
  AnswerSample,
  FaultSearch,
  RecordedLoad,
  RunEnding,
  RunEvent,
  ServiceRecord,
} from "./shared-fields.js";

export const RECORD_FORMAT_VERSION = 2;

const plannedPhase: z.ZodType<PlannedPhase> = z.looseObject({
  id: anyText,
  kind: phaseKind,
  fault: nullableText,
  round: laterRoundSchema.optional(),
  startMs: amount,
  durationMs: amount,
  expectedRequests: nullableNumber,
});

export const recordSchema = z.looseObject({
  format: z.literal("faultline-record"),
  formatVersion: z.number("expected a number"),
  tool,
  scenario,
  seed: number,
  /** ISO 8601, UTC. */
  startedAt: anyText,
  durationS: amount,
  environment,
  evidence,
  slos: listOf(sloRecord),
  load: recordedLoad,
  plannedPhases: listOf(plannedPhase),
  phases: listOf(phaseRecord),
  unjudged,
  faults: listOf(faultRecord),
  events,
  services,
  /** What was asked of the system beside the load. Missing without checks, and in older records. */
  checks: listOf(checkRecord).optional(),
  /** Who made the load. Missing where this process did, and in older records. */
  workers: listOf(workerRecord).optional(),
  /** What became of what was told others. Missing without `telemetry:`, and in older records. */
  telemetry: listOf(telemetryRecord).optional(),
  /** What became of the pods that were watched. Missing where none were, and in older records. */
  pods: podsRecord.optional(),
  ending,
});

export interface RunRecord extends Described<typeof recordSchema> {}
