/** What failed under a fault: how many requests, by what, when, and under which name. */

import { sampleFor } from "../../measure/answer-samples.js";
import { type AroundChange, dueAndFailed } from "../../measure/around-change.js";
import { type Outcome, topReason } from "../../measure/outcome.js";
import { addressOf, formatAddress } from "../../support/address.js";
import { formatCount, formatMs, formatRatio, formatSeconds } from "../../support/format.js";
import { isOtherLoad, meanLoad } from "../measurement/load-shift.js";
import type { PhaseView } from "../measurement/phase-view.js";
import { violationTest } from "../recovery/good-seconds.js";
import { sum } from "../statistics/intervals.js";
import { countOf, loadText } from "../wording/wording.js";
import { type FaultFacts, type Told, told } from "./finding.js";
import { timesOfFailures } from "./time-to-failure.js";

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
export function failingSeconds(facts: FaultFacts): number[] {
  const before = facts.baseline?.failures(null);
  const beforeShare = before && sum(before.due) > 0 ? sum(before.bad) / sum(before.due) : 0;
  const fails = violationTest(Math.min(0.999, Math.max(0.001, beforeShare)));
  const { due, bad } = facts.fault.failures(null);
  return due.flatMap((count, t) => (fails(count, bad[t]!) ? [t] : []));
}

export function onset(facts: FaultFacts): Told | null {
  const failing = failingSeconds(facts);
  const [first] = failing;
  // "All failed" says when, too.
  if (first === undefined || allFailed(facts)) return null;
  const { seconds } = facts.fault;
  const spread = failing.length <= 1 ? "in that second only" : `in ${failing.length} of ${seconds} s`;
  const afterS = Math.round(first + facts.delayS);
  const data = { failingSeconds: failing.length, seconds, firstAfterS: afterS };
  if (failing.length === seconds) return told("Requests fail in every second of the fault.", data);
  if (first === 0) return told(`Requests fail from the fault's first second on, ${spread}.`, data);
  return told(
    `The first requests to fail were due ${formatSeconds(afterS)} after the fault began; they fail ${spread}.`,
    data,
  );
}

export function allFailed({ fault }: FaultFacts): boolean {
  const { scheduled, ok } = fault.counts(null);
  return scheduled > 1 && ok === 0;
}

export function kindsOfFailure(facts: FaultFacts): Told | null {
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
  const took = timesOfFailures(fault);
  const reason = topReason(fault.record.reasons);
  const isNew = isToldByFailures(facts);
  const news = isNew ? ", which the baseline never showed" : "";
  const often = reason === null ? "" : `; most often "${reason}"${news}`;
  return told(`${head}: ${list}${often}.${took ? ` ${took.text}` : ""}`, {
    requests: counts.scheduled,
    failed,
    outcomes: Object.fromEntries(kinds.map(({ outcome, count }) => [outcome, count])),
    mostOftenBy: reason,
    isNew,
    ...took?.facts,
  });
}

/** Whether the sentence on failures names the new status already: there is only one, and most requests failed by it. */
export function isToldByFailures({ newStatuses, fault }: FaultFacts): boolean {
  const [first, ...more] = newStatuses;
  if (!first || more.length > 0 || first.ok > 0) return false;
  const top = topReason(fault.record.reasons);
  return sampleFor(fault.record, top)?.status === first.status;
}

/** Whether the load itself goes through a proxy of the fault. No service stands between then. */
export function isLoadBehindFault({ load, targets }: Pick<FaultFacts, "load" | "targets">): boolean {
  const asked = URL.canParse(load.targetUrl) ? formatAddress(addressOf(new URL(load.targetUrl))) : null;
  return targets.some(({ traffic }) => traffic?.listen === asked);
}

/** Share of the requests that were due. Chance or a queue does not make so many timeouts. */
const NEARLY_ALL = 0.95;

/**
 * Requests of a name that all waited until the load gave up. The service itself waits for its dependency, and has no
 * shorter timeout of its own. @returns null where the load itself goes through the fault: then it is the load that waits.
 */
export function noClientTimeout({ baseline, fault, timeoutMs, load, targets }: FaultFacts): Told | null {
  if (isLoadBehindFault({ load, targets })) return null;
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
  return told(
    `${which} waited the whole timeout of ${formatMs(timeoutMs)}: the service waits for what it depends on, and a shorter timeout of its own seems to be missing.`,
    { requests: stuck, timeoutMs },
  );
}

/** Names a request name that failed far more than the rest. */
export function hardestHit({ fault }: FaultFacts): Told | null {
  const shares = fault.record.requests.flatMap(({ request }) => {
    const { scheduled, ok } = fault.counts(request);
    return scheduled >= 20 && request !== null ? [{ request, share: (scheduled - ok) / scheduled }] : [];
  });
  if (shares.length < 2) return null;
  shares.sort((a, b) => b.share - a.share);
  const [worst, next] = [shares[0]!, shares[1]!];
  if (worst.share < 0.01 || worst.share < 3 * next.share) return null;
  return told(
    `"${worst.request}" is hit hardest: ${formatRatio(worst.share)} of it failed, of any other at most ${formatRatio(next.share)}.`,
    { request: worst.request, failedShare: worst.share, mostOfOthers: next.share },
  );
}

export function unsentRequests({ fault }: FaultFacts): Told | null {
  const { unsent, scheduled } = fault.counts(null);
  if (unsent === 0) return null;
  const own = sum(fault.record.all.unsentByGenerator);
  const share = formatRatio(unsent / scheduled);
  const why =
    own >= unsent / 2
      ? "the load generator was too busy."
      : "no connection was free: earlier ones still waited for their answers.";
  return told(`${share} of requests were never sent because ${why}`, {
    unsent,
    requests: scheduled,
    byTheLoadGenerator: own,
  });
}

/** Failures that ended well before the fault did. */
export function adapted(facts: FaultFacts): Told | null {
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
  const isOther = isOtherLoad(until, since);
  const text = isOther
    ? `${seen}; but the load changed, from ${loadText(facts.load, until)} on average to ${loadText(facts.load, since)}.`
    : `${seen}: the system adapted to it.`;
  return told(text, { lastFailingSecond: last + 1, seconds, loadUntil: until, loadSince: since });
}

type Around = Pick<FaultFacts, "around" | "baseline">;

const SIDES = ["injection", "removal"] as const;

/** Who they are, and when they were due. */
const WHO = {
  injection: "under way when the fault went in, or due before the first second of its phase",
  removal: "due after the last second of its phase, while the fault was still in place or came out",
} as const;

/** How many failed, on each side, where more failed than the baseline's share and chance would bring. */
export function failedAround({ around, baseline }: Around): { injection: number; removal: number } {
  const { scheduled = 0, ok = 0 } = baseline?.counts(null) ?? {};
  const share = scheduled > 0 ? (scheduled - ok) / scheduled : 0;
  const isMore = violationTest(Math.min(0.999, share));
  const beyond = (side: (typeof SIDES)[number]) => {
    const { due, failed } = dueAndFailed(around?.[side], null);
    return failed > 0 && (share === 0 || isMore(due, failed)) ? failed : 0;
  };
  return { injection: beyond("injection"), removal: beyond("removal") };
}

export function aroundChangeTold(facts: Around): Told[] {
  const beyond = failedAround(facts);
  return SIDES.flatMap((side) => {
    const counts = facts.around?.[side];
    if (beyond[side] === 0 || !counts) return [];
    const { due, failed } = dueAndFailed(counts, null);
    const outcomes = failuresOf(counts);
    const list = Object.entries(outcomes).map(
      ([outcome, count]) =>
        // The keys are those of the literal.
        `${formatCount(count)} ${OUTCOME_NOUNS[outcome as keyof typeof OUTCOME_NOUNS][count === 1 ? 0 : 1]}`,
    );
    const all = `${formatCount(failed)} of ${countOf(due, "request")}`;
    return [
      told(`${all} that were ${WHO[side]}, failed: ${list.join(", ")}. They are in the counts of no phase.`, {
        side,
        requests: due,
        failed,
        outcomes,
      }),
    ];
  });
}

function failuresOf(around: AroundChange): Partial<Record<Exclude<Outcome, "ok">, number>> {
  const counts = around.find(({ request }) => request === null)?.outcomes;
  const failed = (Object.keys(OUTCOME_NOUNS) as Exclude<Outcome, "ok">[]) // the keys of a literal of that type
    .map((outcome) => [outcome, counts?.[outcome] ?? 0] as const)
    .filter(([, count]) => count > 0);
  return Object.fromEntries(failed);
}
