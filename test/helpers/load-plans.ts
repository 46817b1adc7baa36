import type { StartLoad } from "../../src/load/session.js";
import { startLoad } from "../../src/load/start-load.js";
import { OUTCOMES, type Outcome } from "../../src/measure/outcome.js";
import type { RequestSeries } from "../../src/measure/record.js";
import type { SegmentMeasurement } from "../../src/measure/segment-accumulator.js";
import type {
  DataFeed,
  JourneyStep,
  LoadModel,
  LoadPlan,
  WeightedRequest,
} from "../../src/plan/load-plan.js";
import { DEFAULT_STATUSES } from "../../src/requests/answers/expectation.js";
import { HTTP_REQUEST, type HttpRequest, isHttpRequest } from "../../src/requests/http/http-request.js";
import type { PlannedRequest } from "../../src/requests/planned-request.js";
import { packRows } from "../../src/scenario/feeds/feed-packer.js";
import { FeedReader } from "../../src/scenario/feeds/feed-reader.js";
import { sleep } from "../../src/support/clock.js";

export type WeightedHttpRequest = HttpRequest & WeightedRequest;
export type HttpStep = HttpRequest & JourneyStep;

/** GET / that expects 2xx, with what a test wants otherwise. */
export function request(changes: Partial<WeightedHttpRequest> = {}): WeightedHttpRequest {
  return {
    name: "home",
    kind: HTTP_REQUEST,
    method: "GET",
    path: "/",
    headers: {},
    body: null,
    bodyEncoding: "none",
    expect: { status: DEFAULT_STATUSES, headers: {}, body: null, json: {} },
    weight: 1,
    ...changes,
  };
}

export function openModel(ratePerS: number, maxConnections = 200): LoadModel {
  return { kind: "open", arrivals: "even", profile: { startValue: ratePerS, stages: [] }, maxConnections };
}

export function closedModel(connections: number, thinkTimeMs = 0): LoadModel {
  return { kind: "closed", profile: { startValue: connections, stages: [] }, thinkTimeMs };
}

/** A data feed of these rows. */
export function feedOf(
  name: string,
  pick: DataFeed["pick"],
  rows: readonly Record<string, string>[],
): DataFeed {
  return { name, pick, table: packRows(rows) };
}

/** The rows of a data feed. */
export function rowsOf({
  table,
}: Pick<DataFeed, "table">): readonly Readonly<Record<string, string | undefined>>[] {
  const reader = new FeedReader(table);
  return Array.from({ length: table.rowCount }, (_, row) =>
    Object.fromEntries(table.columns.map((column, at) => [column, reader.value(row, at)])),
  );
}

export function loadPlan(url: string, model: LoadModel, changes: Partial<LoadPlan> = {}): LoadPlan {
  return {
    target: { url, socketPath: null, tls: null },
    model,
    // Long, because only what is about timeouts should meet one on a busy machine.
    timeoutMs: 10_000,
    workers: 1,
    keepAlive: true,
    pipelining: 1,
    mix: { kind: "requests", requests: [request()] },
    feeds: [],
    seed: 1,
    ...changes,
  };
}

/** What a plan's request says of HTTP. */
export function httpOf(planned: PlannedRequest | undefined): HttpRequest {
  if (planned !== undefined && isHttpRequest(planned)) return planned;
  throw new Error(`expected a request of HTTP, not ${JSON.stringify(planned)}`);
}

/** Runs one segment of the given length and waits for all its outcomes. */
export async function runLoad(
  plan: LoadPlan,
  durationMs: number,
  start: StartLoad = startLoad,
): Promise<SegmentMeasurement> {
  const session = await start({ plan });
  try {
    await session.begin({ id: "all", limits: [] });
    await sleep(durationMs);
    await session.end();
    return await session.drain("all");
  } finally {
    await session.stop();
  }
}

/** The same, but for as long as it takes until enough has come: a busy machine needs longer. At most 30 s. */
export async function runLoadUntil(plan: LoadPlan, isEnough: () => boolean): Promise<SegmentMeasurement> {
  const session = await startLoad({ plan });
  try {
    await session.begin({ id: "all", limits: [] });
    for (let waitedMs = 0; !isEnough() && waitedMs < 30_000; waitedMs += 20) await sleep(20);
    await session.end();
    return await session.drain("all");
  } finally {
    await session.stop();
  }
}

export type Totals = Readonly<Record<Outcome | "scheduled", number>>;

export function totals(series: RequestSeries): Totals {
  const sums = OUTCOMES.map((outcome) => [outcome, sum(series.outcomes[outcome])] as const);
  // fromEntries forgets the keys, which are just these.
  return { scheduled: sum(series.scheduled), ...Object.fromEntries(sums) } as Totals;
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
