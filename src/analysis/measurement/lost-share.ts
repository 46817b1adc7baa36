/** What workers that are gone would have had to send in a phase. */

import type { PhaseRecord } from "../../measure/record.js";
import { sum } from "../statistics/intervals.js";

/** For each second: requests that nobody sent, or that nobody heard of, because a worker was gone. */
export function lostBySecond({ all, lostWorkers = [] }: PhaseRecord): readonly number[] {
  return all.scheduled.map((_, second) => sum(lostWorkers.map(({ due }) => due[second] ?? 0)));
}

/** For each second: whether a worker was gone in it. */
export function secondsWithoutWorker({ all, lostWorkers = [] }: PhaseRecord): readonly boolean[] {
  return all.scheduled.map((_, second) => lostWorkers.some(({ fromS }) => second >= fromS));
}
