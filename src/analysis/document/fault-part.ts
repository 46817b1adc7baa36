/** What report.json holds of one fault. */

import { z } from "zod";
import type { Json } from "../../faults/fault-action.js";
import { aroundFault } from "../../measure/around-change.js";
import {
  amount,
  anyText,
  count,
  type Described,
  flag,
  json,
  listOf,
  number,
  orNull,
} from "../../measure/schema-parts.js";
import { acted, faultAction, search } from "../../measure/shared-fields.js";
import { reasonParts } from "./reason-part.js";
import { sloResults } from "./slo-result.js";
import { verdict } from "./verdict.js";

const timing = z.looseObject({
  /** Resolution: one second. */
  seconds: orNull(number).describe("null: does not apply."),
  censored: flag.describe("seconds is only a lower bound: it was not seen."),
  // 0 for detection.
  holdS: number.describe("Seconds that had to stay good."),
  explanation: anyText,
  because: reasonParts.optional(),
});

export interface Timing extends Described<typeof timing> {}

const interval = z.tuple([number, number]);

const comparison = z.looseObject({
  slo: anyText,
  difference: number.describe("Share of bad requests in the fault less that in the baseline."),
  interval,
  degraded: flag,
  /** The smallest difference that this run could have shown. */
  smallestVisible: orNull(number),
  /** For quantiles: fault over baseline, its 95 % interval, and the smallest ratio that could have been shown. */
  ratio: orNull(z.looseObject({ value: number, interval, smallestVisible: number })),
  sentence: anyText,
});

/** Fault against baseline: the share of bad requests of one SLO. */
export interface Comparison extends Described<typeof comparison> {}

const errorBudget = z.looseObject({
  slo: anyText,
  burnRate: number,
  // The recovery tail is included.
  consumed: number.describe("Share of a 30-day error budget."),
  interval,
  sentence: anyText,
});

export interface ErrorBudget extends Described<typeof errorBudget> {}

const newStatus = z.looseObject({
  status: count,
  answers: count,
  /** Answers that the scenario counts as good. */
  ok: count,
  /** Answers of any status. */
  of: count,
});

/** Whole answers of one status that came in time. */
export interface NewStatus extends Described<typeof newStatus> {}

/** What a finding is about. Its sentence is for people. */
const FINDING_IDS = [
  "check",
  "completion",
  "not_proven",
  "accepted_certificate",
  "handshakes",
  "processes",
  "containers",
  "cluster",
  "pods",
  "upstream_died",
  "load_differed",
  "little_crossed",
  "new_status",
  "failures",
  "around_change",
  "degraded",
  "signal_disagrees",
  "nobody_paged",
  "false_alarm",
  "service_timeout",
  "service_retries",
  "service_circuit_breaker",
  "service_fallback",
  "service_connections",
  "service_pool_queue",
  "service_pool_leak",
  "service_lacks",
  "sample",
  "idle_closes",
  "no_client_timeout",
  "slow_failures",
  "machine",
  "measured_twice",
  "held_longer",
  "onset",
  "hardest_hit",
  "latency",
  "throughput",
  "unsent",
  "adapted",
  "unrecovered",
  "absorbed",
  "span_grew",
  "span_failed",
  "span_repeated",
  "span_for_nobody",
  "slowest_trace",
  "traces",
  "search_result",
  "search",
] as const;
/** Those that traces of others tell, when they are laid beside a report. */
export const TRACE_FINDING_IDS: readonly FindingId[] = [
  "span_grew",
  "span_failed",
  "span_repeated",
  "span_for_nobody",
  "slowest_trace",
  "traces",
];
export type FindingId = (typeof FINDING_IDS)[number];

export interface Finding {
  readonly id: FindingId;
  /** The finding as data, with units in the names. */
  readonly facts: { readonly [fact: string]: Json };
  readonly text: string;
}

const pattern = z.looseObject({
  id: z.enum(["timeout", "retries", "circuit_breaker", "fallback", "connections", "pool_queue", "pool_leak"]),
  proxy: anyText.describe("The proxy before the dependency."),
  seen: z
    .enum(["yes", "no", "unknown"])
    .describe("no: it would have shown, and did not. unknown: it cannot be told from what was seen."),
  facts: z.record(z.string(), json),
  text: anyText.describe("Sentences for people: what was seen, and what it means."),
});

const stage = z.looseObject({
  atMs: amount.describe("After the fault began."),
  actions: listOf(faultAction),
});

export const faultPart = z.looseObject({
  name: anyText,
  verdict,
  reason: anyText,
  because: reasonParts.optional(),
  briefly: anyText
    .optional()
    .describe("Of a fault that was not run: the reason without its details. Older reports lack it."),
  injection: z.looseObject({
    proven: flag.describe("Without proof that the fault touched something there is no pass."),
    strength: z.enum(["observed", "probed", "listed", "none"]),
    asked: flag.optional().describe("false: the run ended before the proof was asked for."),
    explanation: anyText,
    because: reasonParts.optional(),
    /** In words: "latency 300 ms ± 50 ms downstream on cache". */
    description: anyText,
    actions: listOf(faultAction)
      .optional()
      .describe(
        "What was done from its begin on, as data. Not there in a search, where it is not known, and in older reports.",
      ),
    stages: listOf(stage).optional().describe("What was done instead from a later time on."),
    toxics: listOf(anyText),
    acted: acted
      .optional()
      .describe(
        "How many connections met the fault (`of`), and on how many of these it acted (`connections`). Of several parts of a fault: those of the part with the smallest share. With the unit `request` both are requests.",
      ),
    connections: orNull(count),
    bytes: orNull(amount),
  }),
  patterns: listOf(pattern)
    .optional()
    .describe(
      "What the service did about it, towards each proxy with a `protocol`. Not there without such proxies, and in older reports.",
    ),
  injectedAtS: orNull(number).describe("Seconds since load began; null when it was not run."),
  removedAtS: orNull(number),
  letBackAtS: number
    .optional()
    .describe("When the service that it had killed was started again: its recovery is counted from here."),
  heldLonger: z
    .looseObject({ plannedS: amount, heldS: amount })
    .optional()
    .describe(
      "Seconds, where the fault was in place for at least one more than planned. Older reports lack it.",
    ),
  around: aroundFault
    .optional()
    .describe(
      "What became of requests around its injection and its removal, which no phase has. Not there in a search, and in older reports.",
    ),
  slos: sloResults,
  recovery: timing,
  detection: timing,
  comparison: listOf(comparison),
  errorBudget: orNull(errorBudget),
  search: orNull(search).describe("Result of a search for the breaking point."),
  findings: listOf(anyText).describe("In plain language, most important first."),
  findingIds: listOf(anyText)
    .optional()
    .describe("What each of the findings is about, in their order; older reports lack it."),
  findingFacts: listOf(z.record(z.string(), json))
    .optional()
    .describe("What each of the findings says, as data, in their order; older reports lack it."),
  inReason: listOf(anyText)
    .optional()
    .describe("Those findings that `reason` says as well; older reports lack it."),
  newStatuses: listOf(newStatus)
    .optional()
    .describe(
      "Statuses that the baseline never showed: how many of all whole answers, and how many of those count as good. Older reports lack it.",
    ),
});

export interface FaultReport extends Described<typeof faultPart> {}
