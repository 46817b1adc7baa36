import {
  EXCHANGE_ENDS,
  EXCHANGE_FLAGS,
  type ExchangeEnd,
  type HttpTraffic,
} from "../../faults/http-traffic.js";
import { type GrpcStatus, grpcStatusName } from "../../support/names/grpc-status.js";
import { crossedStretches } from "../measurement/crossed.js";
import { sum } from "../statistics/intervals.js";
import { sentIn } from "./client-requests.js";
import type { BothSides, Encounter } from "./pattern.js";

/** A request that a service sent to what it depends on. Times in seconds since load began. */
export interface Attempt {
  readonly startS: number;
  readonly endS: number;
  readonly connection: number;
  /** "POST /charges/{id}", "shop.Quotes/Get" */
  readonly route: string;
  /** 0: no answer, or OK of gRPC. */
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
/** Statuses of gRPC with which a server, or what stands before it, could not do its work. The others are its answer. */
const FAILURES: ReadonlySet<string> = new Set<GrpcStatus>([
  "CANCELLED",
  "UNKNOWN",
  "DEADLINE_EXCEEDED",
  "RESOURCE_EXHAUSTED",
  "ABORTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
]);

/** Those that are kept one by one, in the order of their starts. */
export function attemptsOf(stretches: readonly HttpTraffic[]): readonly Attempt[] {
  return stretches.flatMap(attemptsIn).sort((a, b) => a.startS - b.startS);
}

/**
 * Those that were begun while the fault was on. One that the service gave up may be logged only when the dependency has
 * answered it, in the recovery.
 */
export function attemptsUnder({ fault, recovery, injectedAtS, removedAtS }: Encounter): readonly Attempt[] {
  return attemptsOf([...fault.upstream, ...(recovery?.upstream ?? [])]).filter(
    ({ startS }) => startS >= injectedAtS && startS < removedAtS,
  );
}

function attemptsIn({ startS, routes, exchanges }: HttpTraffic): readonly Attempt[] {
  return exchanges.status.map((status, at): Attempt => {
    const endS = startS + (exchanges.endTenthMs[at] ?? 0) / TENTHS_OF_MS_PER_S;
    const end = EXCHANGE_ENDS[exchanges.end[at] ?? -1] ?? "unread";
    const flags = exchanges.flags[at] ?? 0;
    return {
      startS: endS - (exchanges.tookTenthMs[at] ?? 0) / TENTHS_OF_MS_PER_S,
      endS,
      connection: exchanges.connection[at] ?? 0,
      route: routes[exchanges.route[at] ?? -1]?.route ?? "",
      status,
      end,
      digest: exchanges.digest[at] ?? 0,
      hasIdempotencyKey: (flags & EXCHANGE_FLAGS.idempotencyKey) !== 0,
      isFailed:
        (flags & EXCHANGE_FLAGS.grpc) === 0
          ? isFailed(end, status)
          : isFailedCall(end, grpcStatusName(status)),
    };
  });
}

function isFailed(end: ExchangeEnd, status: number): boolean {
  if (end === "upgraded") return false;
  return end !== "answered" || status >= 500 || status === TOO_MANY_REQUESTS;
}

/** @param status null: an answer without a status of gRPC. */
function isFailedCall(end: ExchangeEnd, status: string | null): boolean {
  return end !== "answered" || status === null || FAILURES.has(status);
}

/** A key of `statuses`: a number of HTTP, or what gRPC says. */
function isGood(status: string): boolean {
  if (status === "none") return false;
  return /^\d+$/.test(status)
    ? !isFailed("answered", Number(status))
    : !isFailedCall("answered", status.startsWith("HTTP ") ? null : status);
}

/** Answers that a client takes for good, of all that crossed. */
export function goodAnswers(stretches: readonly HttpTraffic[]): number {
  let good = 0;
  for (const { statuses } of stretches.flatMap(({ routes }) => routes)) {
    for (const [status, answers] of Object.entries(statuses)) {
      if (isGood(status)) good += answers;
    }
  }
  return good;
}

/** All that crossed in the phase, also those that are not kept one by one. */
export function requestsIn({ client, upstream }: BothSides): number {
  return sum(crossedStretches(client, upstream, "requests").counts);
}

/** Requests to the dependency for each request of the load that went out in the phase. */
export function requestsForEach(side: BothSides): number {
  return requestsIn(side) / Math.max(1, sentIn(side.client));
}

/** Whether some came after those that are kept one by one. */
export function isCut(stretches: readonly HttpTraffic[]): boolean {
  return stretches.some(({ exchanges }) => exchanges.omitted > 0);
}
