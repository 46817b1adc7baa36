/** Compares the SLOs of one fault, or of the baseline, in two runs: what became of each, and how sure that is. */

import { metricOf } from "../../slo/metrics/index.js";
import { formatSlo } from "../../slo/parse.js";
import { formatMs, formatRate, formatRatio, formatSeconds } from "../../support/format.js";
import type { ShareEvidence, SloResult } from "../document/report.js";
import { promiseOf } from "../document/slo-result.js";
import { areSpread, type Estimate, moverDifference, moverRatio } from "../statistics/difference.js";
import { factorText, NOUN_OF_CROSSING, valueText } from "../wording/wording.js";
import type { Because, ComparedSlo, ComparedValue, Undecided } from "./run-comparison.js";

/** A latency is worse only when it surely grew by more than this factor. Two runs on one machine differ by less. */
const LEAST_RATIO = 1.25;
/** Below this difference a sentence names the difference and not the ratio. The ratio would sound like much. */
const LEAST_APART_MS = 5;
/**
 * Good answers per second are worse only when they surely fell by more than this share (closed model only), and what a
 * dependency gets only when it surely grew by more.
 */
const LEAST_CHANGE = 0.1;

export function compareSlos(
  fault: string | null,
  before: readonly SloResult[],
  after: readonly SloResult[],
): ComparedSlo[] {
  const key = (result: SloResult) => `${result.phase}|${comparedAs(result)}`;
  const keys = [...new Set([...after, ...before].map(key))];
  return keys.map((id) => {
    const old = before.find((slo) => key(slo) === id);
    const now = after.find((slo) => key(slo) === id);
    const { expect: slo, phase, unit } = (now ?? old)!;
    const pair = {
      fault,
      slo,
      phase,
      unit,
      old: old ? comparedValue(old) : null,
      new: now ? comparedValue(now) : null,
    };
    return { ...pair, ...compareSlo(old, now) };
  });
}

/** The promise in one notation. "p99 < 0.5s" and "p99 < 500ms" are the same promise. */
function comparedAs(result: SloResult): string {
  const promise = promiseOf(result);
  return promise === null ? result.expect : formatSlo({ ...promise, phases: ["fault"] });
}

function comparedValue({ verdict, observed, censored }: SloResult): ComparedValue {
  return { verdict, observed, censored };
}

export type SloAnswer = Pick<ComparedSlo, "answer" | "undecided" | "because" | "reason">;

function compareSlo(old: SloResult | undefined, now: SloResult | undefined): SloAnswer {
  if (now === undefined)
    return cannotTell("one_run", "Only the earlier run had this SLO.", { id: "one_run", run: "earlier" });
  if (old === undefined) {
    // A check that appears only when it fails, such as a system that did not come back.
    return now.verdict === "fail" && now.target === null
      ? { answer: "regressed", because: { id: "broken_now" }, reason: now.reason }
      : cannotTell("one_run", "Only the later run has this SLO.", { id: "one_run", run: "later" });
  }
  for (const [run, { verdict }] of [
    ["earlier", old],
    ["later", now],
  ] as const) {
    if (verdict === "invalid" || verdict === "not_run") {
      return cannotTell(
        "not_judged",
        `It was ${verdict === "invalid" ? "invalid" : "not judged"} in the ${run} run.`,
        { id: verdict, run },
      );
    }
  }
  if (old.verdict === "pass" && now.verdict === "fail") {
    return {
      answer: "regressed",
      because: { id: "broken_now" },
      reason: `It held and is broken now: ${now.reason}`,
    };
  }
  if (old.verdict === "fail" && now.verdict === "pass") {
    return {
      answer: "fixed",
      because: { id: "holds_now" },
      reason: `It was broken and holds now: ${now.reason}`,
    };
  }
  if (old.unit === "s") return compareTiming(old, now);
  // What its signal may do by itself between two runs is not known.
  if (old.unit === "number") return noInterval(old, now);
  const byShare = compareShares(old, now);
  if (byShare?.answer === "regressed" || byShare?.answer === "improved") return byShare;
  if (old.unit === "ms") return compareLatency(old, now) ?? brokenInBoth(byShare) ?? noInterval(old, now);
  if (old.share === null || now.share === null) return compareRates(old, now);
  return byShare ?? noNumbers();
}

export function cannotTell(undecided: Undecided, reason: string, because: Because): SloAnswer {
  return { answer: "cannot_tell", undecided, because, reason };
}

function noNumbers(): SloAnswer {
  return cannotTell("no_numbers", "One of the runs has no numbers for it.", { id: "no_numbers" });
}

/**
 * Quantiles and values of signals without intervals decide nothing. The share of bad requests can still say that the SLO is broken as before.
 */
function brokenInBoth(byShare: SloAnswer | null): SloAnswer | null {
  return byShare?.answer === "same" ? byShare : null;
}

function noInterval(old: SloResult, now: SloResult): SloAnswer {
  return cannotTell(
    "no_numbers",
    old.unit === "number"
      ? `${valueText(now.observed, "number")} after ${valueText(old.observed, "number")}; whether that is a change cannot be told from two runs.`
      : `${latencies(old, now)}; how much longer it may be cannot be told from these reports.`,
    { id: "no_interval", before: old.observed, now: now.observed },
  );
}

function latencies(old: SloResult, now: SloResult): string {
  return `${valueText(now.observed, "ms")} after ${valueText(old.observed, "ms")}`;
}

/**
 * MOVER on the shares of bad requests; for a latency, on the shares beyond its limit. Also the rule for "degraded",
 * without the onset: that one needs both phases in one run.
 */
function compareShares(old: SloResult, now: SloResult): SloAnswer | null {
  if (old.share === null || now.share === null || now.counts === null) return null;
  const difference = moverDifference(estimate(old.share), estimate(now.share));
  const shares = `${formatRatio(now.share.value)} of requests were bad, ${formatRatio(old.share.value)} before`;
  const { badSeconds, seconds, episodes } = now.share;
  const because = {
    id: "bad_share",
    before: old.share.value,
    now: now.share.value,
    differenceFrom: difference.lower,
    differenceTo: difference.upper,
  };
  if (difference.lower > 0) {
    return areSpread(badSeconds, seconds, episodes)
      ? { answer: "regressed", because, reason: `${shares}.` }
      : cannotTell("few_seconds", `${shares}, but in few seconds: that can be chance.`, because);
  }
  if (difference.upper < 0 && areSpread(old.share.badSeconds, old.share.seconds, old.share.episodes)) {
    return { answer: "improved", because, reason: `${shares}.` };
  }
  // For a latency this shows only that the limit still holds. It does not show that answers take no longer.
  if (old.unit !== "ms" && difference.upper <= now.counts.budget) {
    return { answer: "same", because, reason: `${shares}.` };
  }
  if (old.verdict === "fail" && now.verdict === "fail" && difference.value <= 0) {
    return { answer: "same", because, reason: `${shares}: broken in both.` };
  }
  return cannotTell(
    "too_few",
    `${shares}; a worsening by ${formatRatio(difference.upper)} cannot be excluded.`,
    because,
  );
}

function estimate({ value, lower95, upper95 }: ShareEvidence): Estimate {
  return { value, lower: lower95, upper: upper95 };
}

/**
 * Compares the quantiles themselves, from their 98 % intervals. @returns null when a run has no interval, or when one
 * reaches into the failures.
 */
function compareLatency(old: SloResult, now: SloResult): SloAnswer | null {
  const [before, after] = [quantileEstimate(old), quantileEstimate(now)];
  const ratio = before && after && moverRatio(before, after);
  if (!ratio) return null;
  const values = latencies(old, now);
  const because = {
    id: "latency",
    before: before.value,
    now: after.value,
    ratioFrom: ratio.lower,
    ratioTo: ratio.upper,
  };
  if (ratio.lower > LEAST_RATIO) {
    return {
      answer: "regressed",
      because,
      reason: `${values}: surely more than ${factorText(ratio.lower)} as long.`,
    };
  }
  if (ratio.upper < 1 / LEAST_RATIO) {
    return {
      answer: "improved",
      because,
      reason: `${values}: surely less than ${factorText(ratio.upper)} as long.`,
    };
  }
  if (ratio.upper <= LEAST_RATIO) return { answer: "same", because, reason: `${values}.` };
  const apart = after.upper - before.value;
  return Math.abs(after.value - before.value) < LEAST_APART_MS
    ? cannotTell("too_few", `${values}; it may be up to ${formatMs(apart)} longer.`, because)
    : cannotTell("too_few", `${values}; it may be up to ${factorText(ratio.upper)} as long.`, because);
}

function quantileEstimate({ observed, interval, share }: SloResult): Estimate | null {
  return estimateOf({ observed, interval: share?.quantile98 ?? interval });
}

function estimateOf({ observed, interval }: Pick<SloResult, "observed" | "interval">): Estimate | null {
  const [lower, upper] = interval ?? [];
  if (typeof observed !== "number" || typeof lower !== "number" || typeof upper !== "number") return null;
  return { value: observed, lower, upper };
}

function compareRates(old: SloResult, now: SloResult): SloAnswer {
  const [before, after] = [estimateOf(old), estimateOf(now)];
  if (!before || !after) return noNumbers();
  const { lower, upper } = moverDifference(before, after);
  const promise = promiseOf(now);
  const crossing = promise && metricOf(promise.metric).crossing;
  const of = crossing ? `${NOUN_OF_CROSSING[crossing.counts]} to ${crossing.proxy}` : "good answers";
  const values = `${formatRate(after.value)} ${of} after ${formatRate(before.value)}`;
  const because = {
    id: crossing ? "dependency_load" : "good_answers",
    before: before.value,
    now: after.value,
    differenceFrom: lower,
    differenceTo: upper,
  };
  // More good answers are better. More work for a dependency is worse.
  const [worse, better] = crossing ? [lower, -upper] : [-upper, lower];
  const atWorst = crossing ? upper : -lower;
  const much = LEAST_CHANGE * before.value;
  if (worse > much) return { answer: "regressed", because, reason: `${values}.` };
  if (better > much) return { answer: "improved", because, reason: `${values}.` };
  if (atWorst <= much) return { answer: "same", because, reason: `${values}.` };
  return cannotTell("too_few", `${values}; that can be chance.`, because);
}

/** One recovery is one number. It decides only when it was never seen to end and is longer, or when the SLO broke. */
function compareTiming(old: SloResult, now: SloResult): SloAnswer {
  if (typeof old.observed !== "number" || typeof now.observed !== "number") return noNumbers();
  const text = ({ censored, observed }: SloResult) =>
    `${censored ? "more than " : ""}${formatSeconds(typeof observed === "number" ? observed : 0)}`;
  const values = `${text(now)} after ${text(old)}`;
  const because = { id: "timing", before: old.observed, now: now.observed };
  if (now.verdict === "fail" && old.verdict === "fail" && now.observed > old.observed + 2 && !old.censored) {
    return { answer: "regressed", because, reason: `${values}, and broken in both.` };
  }
  if (old.censored || now.censored) return cannotTell("one_timing", `${values}.`, because);
  return now.observed <= old.observed + 2
    ? { answer: "same", because, reason: `${values}.` }
    : cannotTell("one_timing", `${values}; one recovery each is too few to tell.`, because);
}
