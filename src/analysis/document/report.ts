/** report.json and what every reporter renders. Units are in the names. */

import type { InjectionProof } from "../../faults/proof.js";
import type { Outcome } from "../../measure/outcome.js";
import type { AnswerSample, FaultSearch, MachineUse, RunRecord } from "../../measure/record.js";
import type { PhaseKind } from "../../plan/timeline.js";
import type { Latency } from "../../slo/observations.js";
import type { JudgedPhase, SloUnit } from "../../slo/slo.js";

export const REPORT_FORMAT_VERSION = 1;

/** From best to worst; the worst one wins. */
export type Verdict = "pass" | "not_run" | "inconclusive" | "invalid" | "fail";

export type RunVerdict = "pass" | "fail" | "inconclusive" | "invalid" | "aborted";

export interface Report {
  readonly formatVersion: number;
  readonly tool: RunRecord["tool"];
  readonly scenario: RunRecord["scenario"];
  readonly verdict: RunVerdict;
  readonly exitCode: number;
  /** One sentence: why this verdict. */
  readonly reason: string;
  /** Faults whose own reasons `reason` says; older reports lack it. */
  readonly reasonFaults?: readonly string[] | undefined;
  readonly evidence: "interval" | "observed";
  /** SLOs that it was judged by instead of the run's own; not there when those were used. */
  readonly otherSlos?: readonly string[] | undefined;
  readonly startedAt: string;
  readonly durationS: number;
  readonly seed: number;
  /** 0..100, a lower bound; null when the baseline did not pass, most SLOs of the faults are undecided, the run is invalid or it ended early. */
  readonly score: { readonly value: number; readonly explanation: string } | null;
  /** Requests that were due between phases, around a change of a fault; older reports lack it. */
  readonly unjudged?: RunRecord["unjudged"] | undefined;
  readonly phases: readonly PhaseReport[];
  /** The SLOs before any fault. */
  readonly baseline: { readonly verdict: Verdict; readonly slos: readonly SloResult[] };
  readonly faults: readonly FaultReport[];
  readonly environment: RunRecord["environment"];
  readonly load: RunRecord["load"];
  readonly events: RunRecord["events"];
  readonly services: RunRecord["services"];
  readonly ending: RunRecord["ending"];
  /** What the verdicts do not say, one sentence each; to be shown with them. */
  readonly limits: readonly string[];
}

export interface PhaseReport {
  readonly id: string;
  readonly name: string;
  readonly kind: PhaseKind;
  readonly fault: string | null;
  readonly startS: number;
  readonly durationS: number;
  readonly late: { readonly p99Ms: number | null };
  readonly requests: { readonly scheduled: number } & Readonly<Record<Outcome, number>>;
  readonly latencyMs: LatencySummary;
  /** 0..1; null when nothing was scheduled. */
  readonly availability: number | null;
  /** Good answers a second. */
  readonly throughputPerS: number;
  readonly perRequest: readonly {
    readonly name: string;
    readonly requests: { readonly scheduled: number } & Readonly<Record<Outcome, number>>;
    readonly latencyMs: LatencySummary;
    readonly availability: number | null;
    readonly throughputPerS: number;
    /** As in the phase; records of older versions lack it. */
    readonly reasons?: Readonly<Record<string, number>> | undefined;
  }[];
  /** Why requests failed, with how many did so. */
  readonly reasons: Readonly<Record<string, number>>;
  /** One example of a bad answer for each reason; older reports lack it. */
  readonly samples?: readonly AnswerSample[] | undefined;
  /** Of the machine on which faultline ran, shares of all CPU time; null: not known. Older reports lack it. */
  readonly machine?: MachineUse | null | undefined;
  /** Set when the measurement of this phase cannot be trusted. */
  readonly invalid: string | null;
}

export type { Latency };

export interface LatencySummary {
  readonly p50: Latency;
  readonly p90: Latency;
  readonly p95: Latency;
  readonly p99: Latency;
  readonly p999: Latency;
  readonly max: Latency;
}

export interface SloResult {
  readonly expect: string;
  readonly phase: JudgedPhase;
  readonly verdict: Verdict;
  readonly unit: SloUnit;
  readonly baseline: Latency;
  readonly observed: Latency;
  /** The same metric in the phase after the fault (for the before/during/after table). */
  readonly after: Latency;
  /** 98 % interval, lower then upper; null when there is none. */
  readonly interval: readonly [Latency, Latency] | null;
  readonly target: Latency;
  /** One sentence: how far off, what it would take, why invalid. */
  readonly reason: string;
  /** Set where `reason` ends with, or is, a sentence that other SLOs have as well. */
  readonly shared?: SharedReason | undefined;
  /** Bad requests against the budget, for the sentence and the drill-down; null for recovery and detection. */
  readonly counts: { readonly bad: number; readonly total: number; readonly budget: number } | null;
  /** `observed` is only a lower bound (a recovery that was not seen to end). */
  readonly censored: boolean;
  /** What the load generator's own lateness had to do with the verdict; not there where that is nothing. */
  readonly lateness?: SloLateness | undefined;
  /** Of a broken promise on all requests: which name most bad ones were of, in a sentence; older reports lack it. */
  readonly mostly?: string | null | undefined;
  /** What a later run is compared with; null where there is no share of bad requests. */
  readonly share: ShareEvidence | null;
}

/** What a sentence is about that is true of a whole phase or fault. */
export const SHARED_REASON_IDS = [
  "not_offered",
  "judged_from_dispatch",
  "lateness_decides",
  "not_proven",
] as const;

/** The same `id` and `of`: the same sentence, so that a report for people says it once. */
export interface SharedReason {
  readonly id: (typeof SHARED_REASON_IDS)[number];
  /** The phase's id, or the fault's name; with what else the sentence depends on. */
  readonly of: string;
  /** What `reason` says of this SLO alone; "" where that is nothing. */
  readonly own: string;
}

export interface SloLateness {
  /** Nothing was decided because of it: measuring once more may tell. */
  readonly decides: boolean;
  /** dispatch: latency counts from when requests left, and `observed` does. */
  readonly judgedFrom: "due" | "dispatch";
}

/** The share of bad requests of one SLO in one phase, with its 95 % interval. */
export interface ShareEvidence {
  readonly value: number;
  readonly lower95: number;
  readonly upper95: number;
  readonly seconds: number;
  /** Seconds with a bad request, and runs of them (2 s apart or more). */
  readonly badSeconds: number;
  readonly episodes: number;
  /** 98 % interval of a quantile itself, whatever the evidence; older reports lack it. null: it is no quantile. */
  readonly quantile98?: readonly [Latency, Latency] | null | undefined;
}

export interface FaultReport {
  readonly name: string;
  readonly verdict: Verdict;
  readonly reason: string;
  /** Of a fault that was not run: the reason without its details; older reports lack it. */
  readonly briefly?: string | undefined;
  readonly injection: {
    readonly proven: boolean;
    readonly strength: InjectionProof["strength"];
    /** false: the run ended before the proof was asked for, so that nothing is known of it. */
    readonly asked?: boolean | undefined;
    readonly explanation: string;
    /** In words: "latency 300 ms ± 50 ms downstream on cache". */
    readonly description: string;
    readonly toxics: readonly string[];
    /** On how many of the connections that it met it acted, of several toxics the one with the smallest share; null: not known. */
    readonly acted?: { readonly connections: number; readonly of: number } | null | undefined;
    readonly connections: number | null;
    readonly bytes: number | null;
  };
  readonly injectedAtS: number | null;
  readonly removedAtS: number | null;
  /** Seconds, where it was in place for at least one more than planned; older reports lack it. */
  readonly heldLonger?: { readonly plannedS: number; readonly heldS: number } | undefined;
  readonly slos: readonly SloResult[];
  readonly recovery: Timing;
  readonly detection: Timing;
  readonly comparison: readonly Comparison[];
  readonly errorBudget: ErrorBudget | null;
  readonly search: FaultSearch | null;
  /** Plain-language findings, most important first. */
  readonly findings: readonly string[];
  /** What each of the findings is about, in their order; older reports lack it. */
  readonly findingIds?: readonly string[] | undefined;
  /** Those findings that `reason` says as well; older reports lack it. */
  readonly inReason?: readonly string[] | undefined;
  /** Statuses of answers that the baseline never showed, most frequent first; older reports lack it. */
  readonly newStatuses?: readonly NewStatus[] | undefined;
}

/** What a finding is about; its sentence is for people. */
export const FINDING_IDS = [
  "not_proven",
  "upstream_died",
  "load_differed",
  "little_crossed",
  "new_status",
  "failures",
  "sample",
  "idle_closes",
  "no_client_timeout",
  "machine",
  "held_longer",
  "onset",
  "hardest_hit",
  "latency",
  "throughput",
  "unsent",
  "adapted",
  "unrecovered",
  "absorbed",
  "search_result",
  "search",
] as const;
export type FindingId = (typeof FINDING_IDS)[number];

export interface Finding {
  readonly id: FindingId;
  readonly text: string;
}

/** Whole answers in time of one status. */
export interface NewStatus {
  readonly status: number;
  readonly answers: number;
  /** Those that the scenario counts as good. */
  readonly ok: number;
  /** Answers of any status. */
  readonly of: number;
}

export interface Timing {
  /** Resolution one second. When censored: a lower bound. null: does not apply (fault not run). */
  readonly seconds: number | null;
  readonly censored: boolean;
  /** Seconds that had to stay good (H); 0 for detection. */
  readonly holdS: number;
  readonly explanation: string;
}

/** Fault against baseline, for one SLO's bad fraction. */
export interface Comparison {
  readonly slo: string;
  readonly difference: number;
  readonly interval: readonly [number, number];
  readonly degraded: boolean;
  /** Smallest difference that this run could have seen. */
  readonly smallestVisible: number | null;
  /** For quantiles: fault over baseline, with its 95 % interval and the smallest ratio that could have been seen. */
  readonly ratio: {
    readonly value: number;
    readonly interval: readonly [number, number];
    readonly smallestVisible: number;
  } | null;
  readonly sentence: string;
}

export interface ErrorBudget {
  readonly slo: string;
  readonly burnRate: number;
  /** Shares of a 30-day budget, 0..; with the recovery tail. */
  readonly consumed: number;
  readonly interval: readonly [number, number];
  readonly sentence: string;
}
