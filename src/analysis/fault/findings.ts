/** What happened in one fault, in plain language and most important first; only what the record supports. */

import type { TargetProof } from "../../faults/proof.js";
import { type Outcome, topReason } from "../../measure/outcome.js";
import type { RecordedLoad } from "../../measure/record.js";
import { goodPerS } from "../../slo/observations.js";
import { formatCount, formatMs, formatRate, formatRatio, formatSeconds } from "../../support/format.js";
import type {
  Comparison,
  FaultReport,
  Finding,
  FindingId,
  Latency,
  NewStatus,
  Timing,
} from "../document/report.js";
import { isOtherLoad, loadShiftSentence, meanLoad } from "../measurement/load-shift.js";
import type { LatencyClock, PhaseView } from "../measurement/phase-view.js";
import { violationTest } from "../recovery/good-seconds.js";
import { sum } from "../statistics/intervals.js";
import { countOf, factorText, loadText } from "../wording/wording.js";
import { sampleSentence } from "./answer-sample.js";
import { heldLongerSentence } from "./held-longer.js";
import { idleCloses } from "./idle-closes.js";
import { littleCrossed } from "./little-crossed.js";
import { newStatusesSentence } from "./statuses.js";
import { refusedUpstreams } from "./upstreams.js";

export interface FaultFacts {
  readonly baseline: PhaseView | null;
  readonly fault: PhaseView;
  readonly recovery: PhaseView | null;
  readonly recoveryTiming: Timing;
  readonly comparison: readonly Comparison[];
  /** How the load itself differed from the baseline's; null: it did not. */
  readonly shift: string | null;
  readonly load: RecordedLoad;
  readonly timeoutMs: number;
  readonly model: "open" | "closed";
  /** From the injection to the first second of the phase. */
  readonly delayS: number;
  /** Why nothing here can be laid to the fault; null: it was shown that it touched something. */
  readonly untrusted: string | null;
  /** It was asked, and no request was shown to meet the fault; not so where the run ended before. */
  readonly isUnproven: boolean;
  /** What a saturated machine may have had to do with it; null: nothing. */
  readonly machine: string | null;
  /** Of the fault. */
  readonly targets: readonly TargetProof[];
  readonly newStatuses: readonly NewStatus[];
  readonly held: FaultReport["heldLonger"] | null;
  /** From when the promise on p99 was judged; null: all were judged from when requests were due. */
  readonly clock: LatencyClock | null;
}

export function faultFindings(facts: FaultFacts): Finding[] {
  // What changed where no request met the fault is not its doing; that requests failed is worth knowing all the same.
  if (facts.isUnproven) {
    return [
      ...finding("not_proven", facts.untrusted),
      ...finding("upstream_died", upstreamDied(facts)),
      ...finding("failures", kindsOfFailure(facts)),
      ...finding("sample", sampleSentence(facts.fault.record)),
    ];
  }
  const besides = besideTheLoad(facts).map((text): Finding => ({ id: "little_crossed", text }));
  return [
    ...finding("not_proven", facts.untrusted),
    ...finding("upstream_died", upstreamDied(facts)),
    ...finding("load_differed", facts.shift === null ? null : loadShiftSentence(facts.shift)),
    ...besides,
    ...finding("new_status", isToldByFailures(facts) ? null : newStatusesSentence(facts.newStatuses)),
    ...finding("failures", kindsOfFailure(facts)),
    ...finding("idle_closes", idleCloses(facts.fault.record.reasons)),
    ...finding("no_client_timeout", noClientTimeout(facts)),
    ...finding("sample", sampleSentence(facts.fault.record)),
    ...finding("machine", facts.machine),
    ...finding("held_longer", facts.held ? heldLongerSentence(facts.held) : null),
    ...finding("onset", onset(facts)),
    ...finding("hardest_hit", hardestHit(facts)),
    ...finding("latency", latency(facts)),
    ...finding("throughput", throughput(facts)),
    ...finding("unsent", unsent(facts)),
    ...finding("adapted", adapted(facts)),
    ...finding("unrecovered", unrecovered(facts)),
    ...finding("absorbed", absorbed(facts)),
  ];
}

/** Under the fault, or in the recovery from it. */
function upstreamDied({ fault, recovery }: FaultFacts): string | null {
  const sentences = [fault, recovery].flatMap((view) => (view && refusedUpstreams(view.record)) ?? []);
  return sentences.length === 0 ? null : sentences.join(" ");
}

function finding(id: FindingId, text: string | null): Finding[] {
  return text === null ? [] : [{ id, text }];
}

/** The one new status is what requests failed by most often: the sentence on failures says both. */
function isToldByFailures({ newStatuses, fault }: FaultFacts): boolean {
  const [first, ...more] = newStatuses;
  if (!first || more.length > 0 || first.ok > 0) return false;
  const top = topReason(fault.record.reasons);
  return fault.record.samples?.find(({ reason }) => reason === top)?.status === first.status;
}

/** A system that the fault visibly hurt uses the proxy, however little crosses it. */
function besideTheLoad({ untrusted, comparison, targets, baseline }: FaultFacts): string[] {
  if (untrusted !== null || comparison.some(({ degraded }) => degraded)) return [];
  return littleCrossed(targets, baseline);
}

/** One of them, and several. */
const OUTCOME_NOUNS: Readonly<Record<Exclude<Outcome, "ok">, readonly [string, string]>> = {
  http_error: ["answer with an error", "answers with an error"],
  timeout: ["timeout", "timeouts"],
  refused: ["refused connection", "refused connections"],
  reset: [
    "connection closed or reset without a whole answer",
    "connections closed or reset without a whole answer",
  ],
  unsent: ["request that could not be sent", "requests that could not be sent"],
};

/** Seconds with more failures than the baseline's share, or one in a thousand, would bring. */
function failingSeconds(facts: FaultFacts): number[] {
  const before = facts.baseline?.failures(null);
  const beforeShare = before && sum(before.due) > 0 ? sum(before.bad) / sum(before.due) : 0;
  const fails = violationTest(Math.min(0.999, Math.max(0.001, beforeShare)));
  const { due, bad } = facts.fault.failures(null);
  return due.flatMap((count, t) => (fails(count, bad[t]!) ? [t] : []));
}

function onset(facts: FaultFacts): string | null {
  const failing = failingSeconds(facts);
  const [first] = failing;
  // That all failed says when, too.
  if (first === undefined || allFailed(facts)) return null;
  const { seconds } = facts.fault;
  const spread = failing.length <= 1 ? "in that second only" : `in ${failing.length} of ${seconds} s`;
  if (failing.length === seconds) return "Requests fail in every second of the fault.";
  if (first === 0) return `Requests fail from the fault's first second on, ${spread}.`;
  return `The first requests to fail were due ${formatSeconds(Math.round(first + facts.delayS))} after the fault began; they fail ${spread}.`;
}

function allFailed({ fault }: FaultFacts): boolean {
  const { scheduled, ok } = fault.counts(null);
  return scheduled > 1 && ok === 0;
}

function kindsOfFailure(facts: FaultFacts): string | null {
  const { fault } = facts;
  const counts = fault.counts(null);
  const failed = counts.scheduled - counts.ok;
  if (failed === 0) return null;
  const kinds = (Object.keys(OUTCOME_NOUNS) as Exclude<Outcome, "ok">[]) // the keys of a literal of that type
    .map((outcome) => ({ outcome, count: counts[outcome] }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count);
  const requests = countOf(counts.scheduled, "request");
  const head = allFailed(facts)
    ? `All ${requests} failed`
    : `${formatCount(failed)} of ${requests} (${formatRatio(failed / counts.scheduled)}) failed`;
  const [top] = kinds;
  const noun = (outcome: Exclude<Outcome, "ok">, count: number) =>
    OUTCOME_NOUNS[outcome][count === 1 ? 0 : 1];
  const list =
    kinds.length === 1 && top && allFailed(facts)
      ? noun(top.outcome, failed)
      : kinds.length === 1 && top
        ? `${failed === 1 ? "it was one" : "all were"} ${noun(top.outcome, failed)}`
        : kinds.map(({ outcome, count }) => `${formatCount(count)} ${noun(outcome, count)}`).join(", ");
  const reason = topReason(fault.record.reasons);
  const isNew = isToldByFailures(facts) ? ", which the baseline never showed" : "";
  return `${head}: ${list}${reason === null ? "" : `; most often "${reason}"${isNew}`}.`;
}

/** Of the requests that were due: so many timeouts are no matter of chance or of a queue. */
const NEARLY_ALL = 0.95;

/**
 * Requests of a name that all waited until the load gave up: the service itself waits for what it depends on, and has
 * no timeout of its own that is shorter.
 */
function noClientTimeout({ baseline, fault, timeoutMs }: FaultFacts): string | null {
  const waited = (view: PhaseView | null, request: string | null) => {
    const { scheduled, timeout } = view?.counts(request) ?? { scheduled: 0, timeout: 0 };
    return scheduled >= 20 && timeout >= NEARLY_ALL * scheduled;
  };
  const names = fault.record.requests.flatMap(({ request }) => (request === null ? [] : [request]));
  const stuck = names.filter((name) => waited(fault, name) && !waited(baseline, name));
  if (stuck.length === 0) return null;
  const which =
    stuck.length === names.length
      ? "Every request"
      : `Every request of ${stuck.map((name) => `"${name}"`).join(" and ")}`;
  return `${which} waited the whole timeout of ${formatMs(timeoutMs)}: the service waits for what it depends on, and a shorter timeout of its own seems to be missing.`;
}

/** When one request name fails far more than the rest. */
function hardestHit({ fault }: FaultFacts): string | null {
  const shares = fault.record.requests.flatMap(({ request }) => {
    const { scheduled, ok } = fault.counts(request);
    return scheduled >= 20 && request !== null ? [{ request, share: (scheduled - ok) / scheduled }] : [];
  });
  if (shares.length < 2) return null;
  shares.sort((a, b) => b.share - a.share);
  const [worst, next] = [shares[0]!, shares[1]!];
  if (worst.share < 0.01 || worst.share < 3 * next.share) return null;
  return `"${worst.request}" is hit hardest: ${formatRatio(worst.share)} of it failed, of any other at most ${formatRatio(next.share)}.`;
}

/** Said only where some promise was judged by another clock than the others. */
const CLOCK_WORDS = {
  due: ", counted from when requests were due",
  dispatch: ", counted from when requests left",
} as const satisfies Record<LatencyClock, string>;

function shownQuantile(view: PhaseView | null, q: number, clock: LatencyClock | null): Latency {
  return view?.countedFrom(clock ?? "due").quantile(null, q) ?? null;
}

function latency({ baseline, fault, timeoutMs, clock }: FaultFacts): string | null {
  const of = (view: PhaseView | null): Latency => shownQuantile(view, 0.99, clock);
  const [before, during] = [of(baseline), of(fault)];
  const counted = clock === null ? "" : CLOCK_WORDS[clock];
  if (typeof before !== "number" || during === null) return null;
  if (during === "inf") {
    const median = shownQuantile(fault, 0.5, clock);
    const rest = typeof median === "number" ? ` (p50: ${formatMs(median)})` : "";
    return `p99 rose from ${formatMs(before)} beyond the timeout of ${formatMs(timeoutMs)}, as more than 1% of requests failed${rest}${counted}.`;
  }
  if (!isNews(before, during)) return null;
  return `p99 rose from ${formatMs(before)} to ${formatMs(during)} (${factorText(during / before)})${counted}.`;
}

/** Below this a difference of latencies (ms) may be the machine's. */
function isNews(before: number, during: number): boolean {
  return during >= 1.5 * before && during - before >= 1;
}

function throughput(facts: FaultFacts): string | null {
  const { baseline, fault, model, shift } = facts;
  // With another load the number of good answers is another one in any case.
  if (!baseline || shift !== null || allFailed(facts)) return null;
  const [before, during] = [goodPerS(baseline, null), goodPerS(fault, null)];
  if (before <= 0 || during > 0.8 * before) return null;
  const why = model === "closed" ? ": in the closed model slow answers also mean fewer requests" : "";
  return `Good answers fell from ${formatRate(before)} to ${formatRate(during)}${why}.`;
}

function unsent({ fault }: FaultFacts): string | null {
  const { unsent, scheduled } = fault.counts(null);
  if (unsent === 0) return null;
  const own = sum(fault.record.all.unsentByGenerator);
  const share = formatRatio(unsent / scheduled);
  return own >= unsent / 2
    ? `${share} of requests were never sent because the load generator was too busy.`
    : `${share} of requests were never sent because no connection was free: earlier ones still waited for their answers.`;
}

/** Failures that end well before the fault does. */
function adapted(facts: FaultFacts): string | null {
  const failing = failingSeconds(facts);
  const last = failing.at(-1);
  const seconds = facts.fault.seconds;
  if (last === undefined || failing.length < 2 || seconds - last - 1 < Math.max(5, seconds / 4)) return null;
  const seen = `No more failures after second ${last + 1}, although the fault stayed on until second ${seconds}`;
  const { startS } = facts.fault.record;
  const [until, since] = [
    meanLoad(facts.load, startS + failing[0]!, startS + last + 1),
    meanLoad(facts.load, startS + last + 1, startS + seconds),
  ];
  return isOtherLoad(until, since)
    ? `${seen}; but the load changed, from ${loadText(facts.load, until)} on average to ${loadText(facts.load, since)}.`
    : `${seen}: the system adapted to it.`;
}

/** A recovery that was seen stands beside the findings, with its time. */
function unrecovered({
  recovery,
  recoveryTiming: { seconds, censored, explanation },
}: FaultFacts): string | null {
  if (!recovery || seconds === null || !censored) return null;
  return `Recovery was not seen${seconds > 0 ? ` within ${formatSeconds(seconds)}` : ""}: ${explanation}`;
}

/** Nothing to be seen from outside: not in failures, in how much was answered, nor in how long that took. */
function absorbed(facts: FaultFacts): string | null {
  const { fault, baseline, recovery, untrusted } = facts;
  if (untrusted !== null || !baseline || failingSeconds(facts).length > 0) return null;
  if (latency(facts) !== null || throughput(facts) !== null || someRequestSlower(baseline, fault))
    return null;
  const [before, during] = [baseline, fault].map((view) => shownQuantile(view, 0.99, facts.clock));
  if (typeof before !== "number" || typeof during !== "number") return null;
  if (facts.comparison.some(({ degraded }) => degraded)) return null;
  // What came after the fault is noticed as well.
  if (recovery && failingSeconds({ ...facts, fault: recovery }).length > 0) return null;
  return `Callers noticed nothing: no more failures than before, p99 ${formatMs(during)} after ${formatMs(before)} in the baseline${facts.clock === null ? "" : CLOCK_WORDS[facts.clock]}.`;
}

/** Half of the load, or of one request name, takes longer: p99 alone may have been as long before, for other reasons. */
function someRequestSlower(baseline: PhaseView, fault: PhaseView): boolean {
  const names = fault.record.requests.map(({ request }) => request);
  return [null, ...names].some((request) => {
    const [before, during] = [baseline.quantile(request, 0.5), fault.quantile(request, 0.5)];
    if (typeof before !== "number" || during === null) return false;
    return during === "inf" || isNews(before, during);
  });
}
