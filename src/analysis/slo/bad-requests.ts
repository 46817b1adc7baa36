/** Which requests an SLO counts as bad: all of them, or only those that no lateness of the load generator explains. */

import type { RequestSeries } from "../../measure/record.js";
import { metricOf } from "../../slo/metrics/index.js";
import type { Observations } from "../../slo/observations.js";
import type { Slo } from "../../slo/slo.js";
import { excusedSeconds, onTimeSeconds, undelayedSeconds } from "../measurement/lateness.js";
import type { PhaseObservations, PhaseView } from "../measurement/phase-view.js";
import { fedSeconds, longestWaitMs, meanWaitMs } from "../measurement/starvation.js";
import { type BadSeries, sum, wilson, Z_98 } from "../statistics/intervals.js";
import type { JudgingContext } from "./judging-context.js";
import { budgetOf, limitOf, tightestLimitUs } from "./slo-budget.js";

/**
 * Three ways to count bad requests.
 * - due: everything that was bad, with latency from when a request was due.
 * - judged: the same, but latency counts from when a request left in seconds where the generator's lateness cannot be
 *   the system's doing. A pass needs this one.
 * - certain: without anything that the generator's lateness, or missing CPUs, may have caused. A fail needs this one.
 */
export type Reckoning = "due" | "judged" | "certain";

/** What tells the system's own failures from those that this machine may have caused. */
export type Grounds = Pick<JudgingContext, "timeoutMs" | "control">;

/**
 * All three counts are the same where the counter made no load, and so was never late with it. @returns null when the
 * requests were not counted.
 */
export function badBy(
  reckoning: Reckoning,
  slo: Slo,
  of: PhaseObservations,
  grounds: Grounds,
): BadSeries | null {
  const { ownLoad } = of;
  if (ownLoad === undefined) return badSeries(slo, of);
  switch (reckoning) {
    case "due":
      return badSeries(slo, ownLoad);
    case "judged":
      return judgedBad(slo, ownLoad);
    case "certain":
      return certainlyBad(slo, ownLoad, grounds);
  }
}

/** Requests that this SLO counts as bad. For a rate: those that failed. @returns null when they were not counted. */
export function badSeries(slo: Slo, of: Observations): BadSeries | null {
  const { rate, bad } = metricOf(slo.metric);
  if (bad !== null) return bad.of(of, slo);
  if (rate !== null) return of.failures(slo.request);
  const asBudget = budgetOf(slo);
  if (asBudget === null) return null;
  return asBudget.limitUs === null ? of.failures(slo.request) : of.slower(slo.request, asBudget.limitUs);
}

/**
 * Share of the budget that a second uses up without any lateness. Above it the system was slow by itself. The share is
 * low, because a late request can miss most of a standstill.
 */
const SLOW_BY_ITSELF = 0.1;

/**
 * Latency counts from when a request left in seconds where programs other than the system kept the generator from
 * running. Requests that the generator did not send in those seconds are left out. In all other seconds everything
 * counts from when it was due: a standstill of the system can stop the generator, too, and must not be hidden. So it
 * does in a second in which the system was slow by itself: late requests missed a part of that.
 */
function judgedBad(slo: Slo, view: PhaseView): BadSeries | null {
  const fromDue = badSeries(slo, view);
  const fromDispatch = badSeries(slo, view.fromDispatch);
  if (fromDue === null || fromDispatch === null) return fromDue;
  const excused = excusedSeconds(view.record, limitOf(slo));
  const mostBad = limitOf(slo) === null ? 1 : SLOW_BY_ITSELF * (budgetOf(slo)?.budget ?? 1);
  const countsFromDispatch = excused.map(
    (isExcused, t) => isExcused && fromDispatch.bad[t]! <= mostBad * fromDispatch.due[t]!,
  );
  return {
    due: fromDue.due.map((due, t) => (countsFromDispatch[t] ? fromDispatch.due[t]! : due)),
    bad: fromDue.bad.map((bad, t) => (countsFromDispatch[t] ? fromDispatch.bad[t]! : bad)),
  };
}

/**
 * A lower bound of the system's own bad requests, second by second.
 * - Error answers, refusals and resets are nobody's lateness. They count unless the embedded proxies stood still: then
 *   nothing is certain.
 * - Slow answers (from when they were sent), timeouts and requests without a connection count only in seconds where the
 *   generator kept to its schedule and the system had its CPUs.
 * @returns null when `badSeries` is null.
 */
function certainlyBad(slo: Slo, view: PhaseView, grounds: Grounds): BadSeries | null {
  const { bad: told, among } = metricOf(slo.metric);
  if (among === "failed") return certainlySlowToFail(slo, view, grounds);
  const own = told?.of(view, slo);
  if (own !== undefined) return own && certainlyTold(own, slo, view, grounds);
  const limitUs = limitOf(slo);
  const slow = limitUs === null ? null : view.slower(slo.request, limitUs, "dispatch");
  const series = view.series(slo.request);
  const { due, bad } = view.failures(slo.request);
  if (limitUs !== null && slow === null) return null;
  if (series === null) return { due, bad };
  const { isUndelayed, isOnTime, toldWrong } = attributionOf(slo, view, series, grounds);
  const certain = bad.map((failed, t) => {
    if (!isUndelayed(t)) return 0;
    if (!isOnTime(t)) return toldWrong(t);
    const tooSlow = slow === null ? 0 : slow.bad[t]! - failed;
    return failed - series.unsentByGenerator[t]! + tooSlow;
  });
  return { due, bad: certain };
}

/**
 * Failures that took long, from when they were sent. As for slow answers, only seconds count in which nothing else can
 * have held them up.
 */
function certainlySlowToFail(slo: Slo, view: PhaseView, grounds: Grounds): BadSeries | null {
  const fromDispatch = badSeries(slo, view.fromDispatch);
  const series = view.series(slo.request);
  if (fromDispatch === null || series === null) return fromDispatch;
  const { isUndelayed, isOnTime } = attributionOf(slo, view, series, grounds);
  const bad = fromDispatch.bad.map((count, t) => (isUndelayed(t) && isOnTime(t) ? count : 0));
  return { due: fromDispatch.due, bad };
}

/** Answers that say it of themselves. Without CPUs the system may have had no choice. */
function certainlyTold({ due, bad }: BadSeries, slo: Slo, view: PhaseView, grounds: Grounds): BadSeries {
  const tightestUs = tightestLimitUs([slo], grounds.timeoutMs);
  const undelayed = undelayedSeconds(view.record, tightestUs);
  const fed = fedSeconds(view.record, tightestUs);
  const told = (of: PhaseView) => metricOf(slo.metric).bad?.of(of, slo) ?? null;
  const anyway = fed.every(Boolean) ? 0 : toldAnyway(view, grounds.control?.ownLoad ?? null, told);
  const certain = (count: number, t: number) =>
    fed[t] ? count : Math.max(0, Math.floor(count - anyway * due[t]!));
  return { due, bad: bad.map((count, t) => (undelayed[t] ? certain(count, t) : 0)) };
}

/** What of a request name is surely the system's doing, second by second. */
interface Attribution {
  /** The embedded proxies did not stand still. */
  readonly isUndelayed: (second: number) => boolean;
  /** The generator kept to its schedule, and the system had its CPUs. */
  readonly isOnTime: (second: number) => boolean;
  /** Error answers, refusals and resets, as far as they are surely the system's. */
  readonly toldWrong: (second: number) => number;
}

function attributionOf(slo: Slo, view: PhaseView, series: RequestSeries, grounds: Grounds): Attribution {
  const tightestUs = tightestLimitUs([slo], grounds.timeoutMs);
  const onTime = onTimeSeconds(view.record, tightestUs);
  const undelayed = undelayedSeconds(view.record, tightestUs);
  const fed = fedSeconds(view.record, tightestUs);
  const anyway = fed.every(Boolean)
    ? 0
    : toldAnyway(view, grounds.control?.ownLoad ?? null, (of) => toldWrongOf(of, slo.request));
  return {
    isUndelayed: (t) => undelayed[t] === true,
    isOnTime: (t) => onTime[t] === true && fed[t] === true,
    toldWrong: (t) =>
      fed[t]
        ? toldWrongIn(series, t)
        : Math.max(0, Math.floor(toldWrongIn(series, t) - anyway * series.scheduled[t]!)),
  };
}

/** A control that waited less than this part of the phase's wait shows nothing about it. */
const LEAST_WAIT_OF_CONTROL = 0.5;

/**
 * Without CPUs a system's own clients give up, and it answers with an error or a fallback. This is the greatest share of
 * requests that would have got such an answer anyway, as the baseline shows where its CPUs were as short. 1: nothing
 * shows it.
 */
function toldAnyway(
  view: PhaseView,
  control: PhaseView | null,
  told: (of: PhaseView) => BadSeries | null,
): number {
  const before = control && told(control);
  if (!control || !before) return 1;
  const [here, there] = [meanWaitMs(view.record) ?? 0, meanWaitMs(control.record) ?? 0];
  if (there < LEAST_WAIT_OF_CONTROL * here) return 1;
  const due = sum(before.due);
  return wilson(sum(before.bad) / due, due, Z_98)[1];
}

function toldWrongOf(view: PhaseView, request: string | null): BadSeries | null {
  const series = view.series(request);
  return series && { due: series.scheduled, bad: series.scheduled.map((_, t) => toldWrongIn(series, t)) };
}

function toldWrongIn({ outcomes: { http_error, refused, reset } }: RequestSeries, second: number): number {
  return http_error[second]! + refused[second]! + reset[second]!;
}

/**
 * The same over the whole phase, in one number. It is more than the sum of the seconds where the generator was late in
 * many of them and answers were later than that can explain. L is the sum of three: the generator's greatest lag, that
 * of the proxies, and the system's longest wait for a CPU. A request that took longer than limit + L from when it was
 * sent is the system's: any system that carries the load works off the burst after a pause of L within L. A timeout
 * counts when timeout − L is still above limit + L. Failures that took long may be timeouts, so all of them count from
 * limit + 2·L on.
 */
export function certainlyBadInAll(slo: Slo, of: PhaseObservations, grounds: Grounds): BadSeries | null {
  const certain = badBy("certain", slo, of, grounds);
  const limitUs = limitOf(slo);
  const view = of.ownLoad;
  const series = view?.series(slo.request);
  if (certain === null || limitUs === null || !view || !series) return certain;
  const ownLagUs = view.greatestLagUs();
  if (ownLagUs === null) return certain;
  const { timeoutMs } = grounds;
  const tightestUs = tightestLimitUs([slo], timeoutMs);
  const delayMs =
    Math.max(0, ...(view.record.proxyLateMs ?? [])) + longestWaitMs(view.record, tightestUs, timeoutMs);
  const lagUs = ownLagUs + 1000 * delayMs;
  if (metricOf(slo.metric).among === "failed") {
    const slow = view.failed("dispatch")?.slowerThan(slo.request, limitUs + 2 * lagUs) ?? 0;
    return slow > sum(certain.bad) ? { due: [sum(certain.due)], bad: [slow] } : certain;
  }
  const slow = view.slowerFromDispatch(slo.request, limitUs + lagUs);
  const { isUndelayed, isOnTime, toldWrong } = attributionOf(slo, view, series, grounds);
  const { unsent, timeout } = series.outcomes;
  const isTimeoutCertain = timeoutMs * 1000 - lagUs > limitUs + lagUs;
  const failed = series.scheduled.map((_, t) => {
    if (!isUndelayed(t)) return 0;
    const noConnection = isOnTime(t) ? unsent[t]! - series.unsentByGenerator[t]! : 0;
    return toldWrong(t) + noConnection + (isTimeoutCertain ? timeout[t]! : 0);
  });
  const inAll = sum(failed) + slow;
  return inAll > sum(certain.bad) ? { due: [sum(certain.due)], bad: [inAll] } : certain;
}
