import { cpus } from "node:os";
import type { FaultServer } from "../faults/fault-driver.js";
import { answersChallenges } from "../load/authentication/answers-challenges.js";
import type { CheckRecord } from "../measure/checks/check-record.js";
import type { CompletionsRecord } from "../measure/checks/completions-record.js";
import type { PodsRecord } from "../measure/pods/pod-record.js";
import {
  type PhaseRecord,
  RECORD_FORMAT_VERSION,
  type RunEnding,
  type RunRecord,
  type ServiceRecord,
} from "../measure/record.js";
import type { WorkerRecord } from "../measure/workers/worker-record.js";
import { requestNames, timedIn } from "../plan/load-mix.js";
import type { LoadPlan } from "../plan/load-plan.js";
import type { RunPlan } from "../plan/run-plan.js";
import { timelineOf } from "../plan/timeline.js";
import type { Recorder } from "./phases/recorder.js";
import type { ClusterWay } from "./reach/cluster-way.js";

export interface RunRecordParts {
  readonly plan: RunPlan;
  readonly toolVersion: string;
  /** With what was known only when it ran, such as the ports that were picked. */
  readonly load: LoadPlan;
  /** null: the load went where its target says. */
  readonly way: ClusterWay | null;
  /** The server behind the proxies. */
  readonly server: FaultServer | null;
  readonly startedAt: Date;
  readonly durationMs: number;
  readonly recorder: Recorder;
  readonly services: readonly ServiceRecord[];
  readonly checks: readonly CheckRecord[];
  /** By the id of a phase. */
  readonly completionsOf: (phase: string) => readonly CompletionsRecord[];
  /** What workers saw of these phases. Empty when this process made the load. */
  readonly workersOf: (phases: readonly string[]) => readonly WorkerRecord[];
  /** null: none were watched. */
  readonly pods: PodsRecord | null;
  readonly ending: RunEnding;
}

/** What was planned, done and seen, as record.json holds it. */
export function runRecord(parts: RunRecordParts): RunRecord {
  const { plan, load, recorder, way } = parts;
  const phases = recorder.recordedPhases();
  const workers = parts.workersOf(phases.map(({ id }) => id));
  return {
    format: "faultline-record",
    formatVersion: RECORD_FORMAT_VERSION,
    tool: { name: "faultline", version: parts.toolVersion },
    scenario: { name: plan.name, hypothesis: plan.hypothesis, file: plan.file, sha256: plan.sha256 },
    seed: plan.seed,
    startedAt: parts.startedAt.toISOString(),
    durationS: Math.round(parts.durationMs) / 1000,
    environment: {
      node: process.versions.node,
      platform: `${process.platform} ${process.arch}`,
      cpus: cpus().length,
      toxiproxy: parts.server ?? { kind: "embedded", version: "", url: null },
    },
    evidence: plan.evidence,
    slos: plan.slos,
    load: {
      targetUrl: way?.url ?? load.target.url,
      ...(way?.forward ? { forward: way.forward.tally() } : {}),
      model: load.model,
      timeoutMs: load.timeoutMs,
      workers: load.workers,
      keepAlive: load.keepAlive,
      pipelining: load.pipelining,
      ...(answersChallenges(load.mix) ? { answersChallenges: true } : {}),
      ...(load.protocol === "h2" ? { protocol: load.protocol } : {}),
      unit: load.mix.kind,
      ...tracingOf(load),
      requestNames: requestNames(load.mix),
      ...(timedIn(load.mix).length > 0 ? { timed: [...timedIn(load.mix)] } : {}),
    },
    plannedPhases: timelineOf(plan.steps),
    phases: phases.map((phase) => withCompletions(phase, parts.completionsOf(phase.id))),
    unjudged: recorder.unjudgedCounts,
    faults: recorder.faults,
    events: recorder.events(),
    services: parts.services,
    ...(parts.checks.length === 0 ? {} : { checks: parts.checks }),
    ...(workers.length === 0 ? {} : { workers }),
    ...(parts.pods === null ? {} : { pods: parts.pods }),
    ending: parts.ending,
  };
}

function tracingOf({ tracing }: LoadPlan): Pick<RunRecord["load"], "tracing"> {
  return tracing ? { tracing: { sampling: tracing.sampling, traceLink: tracing.traceLink } } : {};
}

function withCompletions(phase: PhaseRecord, completions: readonly CompletionsRecord[]): PhaseRecord {
  return completions.length === 0 ? phase : { ...phase, completions: [...completions] };
}
