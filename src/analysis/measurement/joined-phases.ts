/** The end of one phase and the phase after it, as one series of seconds. */

import { perOutcome } from "../../measure/outcome.js";
import type { MachineSeconds, PhaseRecord, RequestSeries } from "../../measure/record.js";

/**
 * Seconds of `first` from `fromSecond` on, followed by those of `second`. Only the columns are joined: what is about a
 * whole phase (histograms, reasons, statuses) stays that of `second`.
 */
export function joinedPhases(first: PhaseRecord, fromSecond: number, second: PhaseRecord): PhaseRecord {
  const join = columnsOf(first, fromSecond);
  const seriesOf = ({ requests, timed = [] }: PhaseRecord, request: string | null) =>
    [...requests, ...timed].find((series) => series.request === request) ?? null;
  const joined = (series: RequestSeries) => joinedSeries(seriesOf(first, series.request), series, join);
  return {
    ...second,
    startS: first.startS + fromSecond,
    durationS: first.all.scheduled.length - fromSecond + second.durationS,
    all: joinedSeries(first.all, second.all, join),
    requests: second.requests.map(joined),
    ...(second.timed ? { timed: second.timed.map(joined) } : {}),
    ...(second.proxyLateMs ? { proxyLateMs: join(first.proxyLateMs, second.proxyLateMs, 0) } : {}),
    ...joinedLost(first, second, fromSecond),
    machine: second.machine && {
      ...second.machine,
      seconds: joinedMachine(first.machine?.seconds, second.machine.seconds, join),
    },
  };
}

/** Workers that were gone in one of them. Who is gone stays so. */
function joinedLost(
  { lostWorkers: before = [], all }: PhaseRecord,
  { lostWorkers: after = [] }: PhaseRecord,
  fromSecond: number,
): Pick<PhaseRecord, "lostWorkers"> {
  const names = [...new Set([...before, ...after].map(({ worker }) => worker))];
  if (names.length === 0) return {};
  const { length } = all.scheduled;
  const lostWorkers = names.map((worker) => {
    const [first, second] = [before, after].map((each) => each.find((lost) => lost.worker === worker));
    const due = Array.from({ length }, (_, at) => first?.due[at] ?? 0).slice(fromSecond);
    const fromS = first ? first.fromS - fromSecond : length - fromSecond + (second?.fromS ?? 0);
    return { worker, fromS: Math.max(0, fromS), due: [...due, ...(second?.due ?? [])] };
  });
  return { lostWorkers };
}

type Join = <T>(before: readonly T[] | undefined, after: readonly T[], none: T) => readonly T[];

/** A column that the first phase does not have, or that ends early, is filled up with `none`. */
function columnsOf(first: PhaseRecord, fromSecond: number): Join {
  const length = first.all.scheduled.length;
  return (before = [], after, none) => [
    ...Array.from({ length }, (_, second) => before[second] ?? none).slice(fromSecond),
    ...after,
  ];
}

function joinedSeries(first: RequestSeries | null, second: RequestSeries, join: Join): RequestSeries {
  // Recovery asks nobody how long failures took.
  const { timeToFailure: _, ...rest } = second;
  const { outcomes, latencyMs } = rest;
  const quantile = (name: "p50" | "p90" | "p99" | "max") =>
    join(first?.latencyMs[name], latencyMs[name], null);
  return {
    ...rest,
    scheduled: join(first?.scheduled, second.scheduled, 0),
    ...(second.offered ? { offered: join(first?.offered, second.offered, 0) } : {}),
    ...(second.degraded ? { degraded: join(first?.degraded, second.degraded, 0) } : {}),
    ...(second.redirects ? { redirects: join(first?.redirects, second.redirects, 0) } : {}),
    unsentByGenerator: join(first?.unsentByGenerator, second.unsentByGenerator, 0),
    lagP99Ms: join(first?.lagP99Ms, second.lagP99Ms, null),
    outcomes: perOutcome((outcome) => join(first?.outcomes[outcome], outcomes[outcome], 0)),
    slow: second.slow.map((slow) => {
      const before = first?.slow.find(({ limitUs }) => limitUs === slow.limitUs);
      return {
        ...slow,
        due: join(before?.due, slow.due, 0),
        dispatch: join(before?.dispatch, slow.dispatch, 0),
      };
    }),
    latencyMs: { p50: quantile("p50"), p90: quantile("p90"), p99: quantile("p99"), max: quantile("max") },
  };
}

/** @returns undefined where either phase lacks them: then nothing is excused by them. */
function joinedMachine(
  first: MachineSeconds | undefined,
  second: MachineSeconds | undefined,
  join: Join,
): MachineSeconds | undefined {
  if (!first || !second) return undefined;
  const { waited, waitedAtOnce } = second;
  return {
    ...second,
    system: join(first.system, second.system, 0),
    strangers: join(first.strangers, second.strangers, 0),
    own: join(first.own, second.own, 0),
    stolen: join(first.stolen, second.stolen, 0),
    throttled: join(first.throttled, second.throttled, 0),
    ...(waited ? { waited: join(first.waited, waited, 0) } : {}),
    ...(waitedAtOnce ? { waitedAtOnce: join(first.waitedAtOnce, waitedAtOnce, 0) } : {}),
    systemAtMost: join(first.systemAtMost, second.systemAtMost, 0),
  };
}
