import {
  EXCHANGE_ENDS,
  EXCHANGE_FLAGS,
  type ExchangeEnd,
  type HttpTraffic,
} from "../../faults/http-traffic.js";

/** A request that a service sent to what it depends on. Times in seconds since load began. */
export interface Attempt {
  readonly startS: number;
  readonly endS: number;
  readonly connection: number;
  /** "POST /charges/{id}" */
  readonly route: string;
  /** 0: no answer. */
  readonly status: number;
  readonly end: ExchangeEnd;
  /** The same for requests that are the same. */
  readonly digest: number;
  readonly hasIdempotencyKey: boolean;
  /** A client that knows retries would try this one again. */
  readonly isFailed: boolean;
}

const TENTHS_OF_MS_PER_S = 10_000;
const TOO_MANY_REQUESTS = 429;

/** Those that are kept one by one, in the order of their starts. */
export function attemptsOf({ startS, routes, exchanges }: HttpTraffic): readonly Attempt[] {
  const attempts = exchanges.status.map((status, at): Attempt => {
    const beganS = startS + (exchanges.startTenthMs[at] ?? 0) / TENTHS_OF_MS_PER_S;
    const end = EXCHANGE_ENDS[exchanges.end[at] ?? -1] ?? "unread";
    return {
      startS: beganS,
      endS: beganS + (exchanges.tookTenthMs[at] ?? 0) / TENTHS_OF_MS_PER_S,
      connection: exchanges.connection[at] ?? 0,
      route: routes[exchanges.route[at] ?? -1]?.route ?? "",
      status,
      end,
      digest: exchanges.digest[at] ?? 0,
      hasIdempotencyKey: ((exchanges.flags[at] ?? 0) & EXCHANGE_FLAGS.idempotencyKey) !== 0,
      isFailed: isFailed(end, status),
    };
  });
  return attempts.sort((a, b) => a.startS - b.startS);
}

function isFailed(end: ExchangeEnd, status: number): boolean {
  if (end === "upgraded") return false;
  return end !== "answered" || status >= 500 || status === TOO_MANY_REQUESTS;
}

/** Answers that a client takes for good, of all that crossed. */
export function goodAnswers({ routes }: HttpTraffic): number {
  let good = 0;
  for (const { statuses } of routes) {
    for (const [status, answers] of Object.entries(statuses)) {
      if (status !== "none" && !isFailed("answered", Number(status))) good += answers;
    }
  }
  return good;
}

/** All that crossed, also those that are not kept one by one. */
export function requestsOf({ seconds }: HttpTraffic): number {
  return seconds.requests.reduce((sum, requests) => sum + requests, 0);
}
