/**
 * record.json: what was planned, done and seen in a run. No verdicts: those are made from it, now or later.
 * Counts and times are per second of due time and columnar, so that an hour stays small.
 */

import type { FaultAction, FaultStage } from "../faults/fault-action.js";
import type { InjectionProof, UpstreamDials } from "../faults/proof.js";
import type { LoadPlan } from "../plan/load-plan.js";
import type { PhaseKind, PlannedPhase } from "../plan/timeline.js";
import type { Slo } from "../slo/slo.js";
import type { Outcome, OutcomeCounts } from "./outcome.js";
import type { RecordedTimes } from "./recorded-times.js";

export const RECORD_FORMAT_VERSION = 2;

export interface RunRecord {
  readonly format: "faultline-record";
  readonly formatVersion: number;
  readonly tool: { readonly name: "faultline"; readonly version: string };
  readonly scenario: {
    readonly name: string;
    readonly hypothesis: string | null;
    readonly file: string;
    /** Of the scenario's bytes. */
    readonly sha256: string;
  };
  readonly seed: number;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly durationS: number;
  readonly environment: {
    readonly node: string;
    readonly platform: string;
    readonly cpus: number;
    readonly toxiproxy: {
      readonly kind: "embedded" | "external";
      readonly version: string;
      readonly url: string | null;
    };
  };
  readonly evidence: "interval" | "observed";
  readonly slos: readonly Slo[];
  readonly load: RecordedLoad;
  readonly plannedPhases: readonly PlannedPhase[];
  readonly phases: readonly PhaseRecord[];
  /** Requests that were due around a change of a fault: counted, judged nowhere. */
  readonly unjudged: {
    readonly scheduled: number;
    readonly outcomes: OutcomeCounts;
    /** Under way when the run was stopped, so without an outcome; not among `scheduled`. Older records lack it. */
    readonly unfinished?: number | undefined;
  };
  readonly faults: readonly FaultRecord[];
  readonly events: readonly RunEvent[];
  readonly services: readonly ServiceRecord[];
  readonly ending: RunEnding;
}

/** The load plan without secrets: header values, bodies, feeds and keys are left out. */
export interface RecordedLoad {
  readonly targetUrl: string;
  readonly model: LoadPlan["model"];
  readonly timeoutMs: number;
  readonly workers: number;
  readonly keepAlive: boolean;
  readonly pipelining: number;
  /** What the rate counts; a journey is several requests. Older records lack it, and counted requests. */
  readonly unit?: "requests" | "journeys" | undefined;
  /** Names in the order of the mix. */
  readonly requestNames: readonly string[];
}

export type RunEnding =
  | { readonly kind: "completed" }
  /** An abort condition became true. */
  | { readonly kind: "aborted"; readonly reason: string; readonly atS: number }
  | { readonly kind: "interrupted"; readonly reason: string; readonly atS: number }
  /** The environment failed while the run went on (service died, Toxiproxy lost), or a fault could not be taken out (ROLLBACK_FAILED). `code` is an ErrorCode. */
  | { readonly kind: "failed"; readonly code: string; readonly reason: string; readonly atS: number };

export interface PhaseRecord {
  readonly id: string;
  readonly kind: PhaseKind;
  readonly fault: string | null;
  /** Seconds since load began. */
  readonly startS: number;
  /** As it was, not as planned. */
  readonly durationS: number;
  /** Wall clock of its start, for lining up with other systems' graphs. */
  readonly startedAt: string;
  /** One for each request name that was due at least once, in the order of the mix. */
  readonly requests: readonly RequestSeries[];
  /** All names together: quantiles and lag cannot be summed from the parts. */
  readonly all: RequestSeries;
  readonly connectionsOpened: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /** Set when a load thread died: the phase cannot be trusted. */
  readonly lost: string | null;
  /** Reasons behind every outcome but ok ("status 503" → 12); at most 20 kinds, the rest under "other". */
  readonly reasons: Readonly<Record<string, number>>;
  /** One example of an answer for each reason why answers were not as expected; older records lack it. */
  readonly samples?: readonly AnswerSample[] | undefined;
  /** From the phase's start to the next one's, of each proxy; older records lack it. */
  readonly upstreams?: readonly UpstreamDials[] | undefined;
  /**
   * The longest time in ms for which the embedded proxies stood still in each second (those after the phase's last, in which
   * its last answers came, with it). Not there without such proxies, and in older records.
   */
  readonly proxyLateMs?: readonly number[] | undefined;
  /** Of the machine on which faultline ran; null where it is not known. */
  readonly machine: MachineUse | null;
}

/** Of whole answers that came in time. */
export interface StatusCount {
  readonly answers: number;
  /** Those that were as expected. */
  readonly ok: number;
}

/** How a bad answer began. */
export interface AnswerSample {
  /** As in `reasons`. */
  readonly reason: string;
  readonly request: string;
  readonly status: number;
  /** At most 200 characters, without secrets and control characters; "" where there is none to read. */
  readonly body: string;
}

/** Shares (0 to 1) of the time of all CPUs. */
export interface MachineUse {
  /** Spent by whatever ran here. */
  readonly busy: number;
  /** Given to others by the host of a virtual machine; null: the system does not say. */
  readonly stolen: number | null;
  /** Who had the CPUs, second by second of the phase; not there where the system does not tell, and in older records. */
  readonly seconds?: MachineSeconds | undefined;
}

/** CPU seconds, one entry for each second of a phase. */
export interface MachineSeconds {
  /** The system under test: what `services:` started, or, where others serve the target on this machine, all that is not faultline. */
  readonly system: readonly number[];
  /** Other programs on this machine. */
  readonly strangers: readonly number[];
  /** faultline itself. */
  readonly own: readonly number[];
  /** Given to others by the host of a virtual machine. */
  readonly stolen: readonly number[];
  /** Taken by a CPU quota. */
  readonly throttled: readonly number[];
  /**
   * How long a request may have waited for a CPU in the processes that `services:` started while others had them: the sum,
   * over these processes, of the thread that waited most. Older records lack it.
   */
  readonly waited?: readonly number[] | undefined;
  /** The most of it within about a tenth of a second. */
  readonly waitedAtOnce?: readonly number[] | undefined;
  /**
   * 0 to 1: of what kept others from running, the system's part, in that tenth of the second in which it was greatest.
   * Below one quarter the load generator's lateness is not the system's doing.
   */
  readonly systemAtMost: readonly number[];
}

/** One request name in one phase. Arrays have one entry a second of due time, counted from the phase's start. */
export interface RequestSeries {
  readonly request: string | null;
  readonly scheduled: readonly number[];
  /**
   * Requests that the generator let go in this second (or that waited for a connection from then on), whenever they were
   * due. Older records lack it.
   */
  readonly offered?: readonly number[] | undefined;
  readonly outcomes: Readonly<Record<Outcome, readonly number[]>>;
  /** `unsent` for the generator's own reasons (part of outcomes.unsent). */
  readonly unsentByGenerator: readonly number[];
  /** For each latency limit: how many `ok` answers took longer, counted when they came, never from a histogram. */
  readonly slow: readonly SlowSeries[];
  /** Quantiles of `ok` latency from due time in ms, null in seconds without one. Failures are not in them. */
  readonly latencyMs: {
    readonly p50: readonly (number | null)[];
    readonly p90: readonly (number | null)[];
    readonly p99: readonly (number | null)[];
    readonly max: readonly (number | null)[];
  };
  /** Generator's own lateness (dispatch − due while a connection was free), p99 in ms. */
  readonly lagP99Ms: readonly (number | null)[];
  /** As in the phase, of this name alone; older records lack it, and so does the series of all names. */
  readonly reasons?: Readonly<Record<string, number>> | undefined;
  /** By status, of this name alone; older records lack it, and so does the series of all names. */
  readonly statuses?: Readonly<Record<string, StatusCount>> | undefined;
  /** Of the whole phase. Only `ok` answers. */
  readonly histograms: {
    readonly latency: RecordedTimes;
    readonly dispatchLatency: RecordedTimes;
    readonly lag: RecordedTimes;
  };
}

export interface SlowSeries {
  readonly limitUs: number;
  /** latency = done − due */
  readonly due: readonly number[];
  /** latency − the generator's own lag */
  readonly dispatch: readonly number[];
}

export interface FaultRecord {
  readonly name: string;
  /** From its begin. */
  readonly actions: readonly FaultAction[];
  /** Later steps of a staged fault. */
  readonly stages?: readonly FaultStage[] | undefined;
  /** null when it was never injected; then `notRun` says why. */
  readonly injectedAtS: number | null;
  readonly removedAtS: number | null;
  readonly notRun: string | null;
  /** The same without its details; older records lack it. */
  readonly notRunBrief?: string | undefined;
  readonly proof: InjectionProof | null;
  /** Result of a `find:` search. */
  readonly search: FaultSearch | null;
}

/** Largest fault that the SLO still held under. Values in the attribute's own unit (`unit`). */
export interface FaultSearch {
  readonly proxy: string;
  readonly attribute: string;
  readonly unit: string;
  readonly until: string;
  readonly holdsUpTo: number | null;
  readonly breaksAt: number | null;
  readonly trials: readonly { readonly value: number; readonly phase: string; readonly verdict: string }[];
  /** Why trials that the search would have made were not: the system did not recover. Older records lack it. */
  readonly endedEarly?: string | null | undefined;
}

export interface RunEvent {
  /** Seconds since load began; negative before. */
  readonly atS: number;
  readonly kind: "service" | "phase" | "inject" | "remove" | "wait" | "abort" | "warning";
  readonly text: string;
}

export interface ServiceRecord {
  readonly name: string;
  /** null while it ran until it was stopped by us. */
  readonly exit: string | null;
  readonly outputTail: string;
}
