import { z } from "zod";
import type { SignalEndpoint } from "../../plan/signals/signal-spec.js";
import { type BoundedRequest, boundedRequest } from "../../support/outside/bounded-request.js";
import { urlUnder } from "../../support/url-under.js";
import { jsonOf } from "../json-of.js";

/** An answer of a server is small: one series, or times of a few. */
const MOST_BYTES = 8_000_000;

/** A sample of a series: when, in Unix seconds, and what. NaN is a value. */
export interface PromPoint {
  readonly atS: number;
  readonly value: number;
}

export interface PromSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly points: readonly PromPoint[];
}

/** The server answered, and refused. The message is its own. */
export class PromRefusal extends Error {}

/** Numbers come as texts: "NaN" and "+Inf" are some. */
const point = z
  .tuple([z.number(), z.string()])
  .transform(([atS, value]) => ({ atS, value: numberOf(value) }));

const labels = z.record(z.string(), z.string());

const answer = z.union([
  z.object({ status: z.literal("success"), data: z.unknown() }),
  z.object({
    status: z.literal("error"),
    errorType: z.string().default("error"),
    error: z.string().default(""),
  }),
]);

const matrix = z.object({
  resultType: z.literal("matrix"),
  result: z.array(
    z
      .object({ metric: labels, values: z.array(point) })
      .transform(({ metric, values }): PromSeries => ({ labels: metric, points: values })),
  ),
});

const instant = z.union([
  z.object({ resultType: z.literal("scalar"), result: point }),
  z.object({
    resultType: z.literal("vector"),
    result: z.array(z.object({ metric: labels, value: point })),
  }),
]);

const targets = z.object({
  activeTargets: z.array(z.object({ labels, scrapeInterval: z.string().optional() })),
});

export type PromTargets = z.output<typeof targets>["activeTargets"];

/** The part of Prometheus' HTTP API that is used. Methods throw NoAnswer, PromRefusal or ZodError. */
export class PrometheusApi {
  readonly #base: string;
  readonly #options: Pick<BoundedRequest, "headers" | "tls" | "timeoutMs">;

  constructor(source: SignalEndpoint, timeoutMs: number) {
    this.#base = source.url;
    this.#options = { headers: source.headers, tls: source.tls, timeoutMs };
  }

  /** Each series over a stretch of time, in steps. Times are Unix seconds. */
  async range(
    query: string,
    { fromS, untilS, stepS }: { readonly fromS: number; readonly untilS: number; readonly stepS: number },
    stop: AbortSignal,
  ): Promise<readonly PromSeries[]> {
    const asked = { query, start: fromS.toFixed(3), end: untilS.toFixed(3), step: stepS.toFixed(3) };
    return matrix.parse(await this.#ask("query_range", asked, stop)).result;
  }

  /** The values of a query at one moment, with the labels of their series. */
  async at(query: string, atS: number | null, stop: AbortSignal): Promise<readonly PromSeries[]> {
    const asked = { query, ...(atS === null ? {} : { time: atS.toFixed(3) }) };
    const found = instant.parse(await this.#ask("query", asked, stop));
    if (found.resultType === "scalar") return [{ labels: {}, points: [found.result] }];
    return found.result.map(({ metric, value }) => ({ labels: metric, points: [value] }));
  }

  /** The samples of a series as they were taken, in the time before a moment. Only series that a selector names have such. */
  async taken(
    selector: string,
    { lengthMs, untilS }: { readonly lengthMs: number; readonly untilS: number },
    stop: AbortSignal,
  ): Promise<readonly PromSeries[]> {
    const asked = { query: `${selector}[${Math.max(1, Math.round(lengthMs))}ms]`, time: untilS.toFixed(3) };
    return matrix.parse(await this.#ask("query", asked, stop)).result;
  }

  /** What the server scrapes. */
  async targets(stop: AbortSignal): Promise<PromTargets> {
    return targets.parse(await this.#ask("targets", { state: "active" }, stop)).activeTargets;
  }

  async #ask(what: string, asked: Readonly<Record<string, string>>, stop: AbortSignal): Promise<unknown> {
    const url = urlUnder(this.#base, `api/v1/${what}`, asked);
    const got = await boundedRequest(url, {
      ...this.#options,
      method: "GET",
      mostBytes: MOST_BYTES,
      signal: stop,
    });
    const body = jsonOf(got.body.toString("utf8"));
    const read = answer.safeParse(body);
    if (!read.success) throw new PromRefusal(`status ${got.status}, which is no answer of Prometheus' API`);
    if (read.data.status === "error") throw new PromRefusal(`${read.data.errorType}: ${read.data.error}`);
    return read.data.data;
  }
}

function numberOf(text: string): number {
  if (text === "+Inf" || text === "Inf") return Number.POSITIVE_INFINITY;
  return text === "-Inf" ? Number.NEGATIVE_INFINITY : Number(text);
}
