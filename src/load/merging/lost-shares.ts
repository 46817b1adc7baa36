import type { SegmentTotals } from "../../measure/segment-accumulator.js";
import type { LostWorker } from "../../measure/workers/worker-record.js";
import type { DueCount } from "./absences.js";

/** What is not known to have been sent by a generator that is gone, and whose it was. */
export interface LostShare {
  readonly worker: string;
  /** The first second of the segment that the generator had not told. */
  readonly fromS: number;
  readonly due: readonly DueCount[];
}

/** Why those requests were not sent. A worker may have had several generators. */
export function reasonsOf(shares: readonly LostShare[]): SegmentTotals {
  const reasons = [...byWorker(shares)].flatMap(([worker, own]) => {
    const sums = new Map<number, number>();
    for (const { name, count } of own.flatMap(({ due }) => due)) {
      sums.set(name, (sums.get(name) ?? 0) + count);
    }
    const reason = `unsent: lost with worker ${worker}`;
    return [...sums].map(([name, count]) => ({ name, reasons: { [reason]: count } }));
  });
  return {
    connectionsOpened: 0,
    bytesSent: 0,
    bytesReceived: 0,
    reasons,
    statuses: [],
    samples: [],
    traces: [],
  };
}

/** @param seconds so many has the segment: seconds in which nothing was due are told as well. */
export function lostWorkersOf(shares: readonly LostShare[], seconds: number): readonly LostWorker[] {
  return [...byWorker(shares)].map(([worker, own]) => {
    const due = own.some((share) => share.due.length > 0) ? new Array<number>(seconds).fill(0) : [];
    for (const { second, count } of own.flatMap((share) => share.due)) {
      while (due.length <= second) due.push(0);
      due[second]! += count;
    }
    return { worker, fromS: Math.min(...own.map(({ fromS }) => fromS)), due };
  });
}

function byWorker(shares: readonly LostShare[]): ReadonlyMap<string, readonly LostShare[]> {
  const workers = new Map<string, LostShare[]>();
  for (const share of shares) {
    const own = workers.get(share.worker);
    if (own === undefined) workers.set(share.worker, [share]);
    else own.push(share);
  }
  return workers;
}
