import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "./at-once.js";

/** What a query gives at one moment, in Unix seconds: one value for each series. null: the server refuses it. */
export type Evaluate = (query: string, atS: number) => readonly DoubleValue[] | null;

export interface DoubleValue {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface PrometheusDouble {
  readonly url: string;
  /** Queries in the order in which they came. */
  readonly asked: string[];
  /** Headers of the last request. */
  readonly headers: () => Readonly<Record<string, unknown>>;
}

/** Speaks the part of Prometheus' HTTP API that is used, for what a real server rarely does. */
export async function prometheusDouble(
  evaluate: Evaluate,
  { aheadS = 0, targets = [{ job: "shop", instance: "a", every: "1s" }] } = {},
): Promise<PrometheusDouble> {
  const asked: string[] = [];
  let headers = {};
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://double");
    const query = url.searchParams.get("query") ?? "";
    headers = request.headers;
    const nowS = Date.now() / 1000 + aheadS;
    const send = (status: number, body: object) => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    };
    const succeed = (data: object) => send(200, { status: "success", data });
    if (url.pathname === "/api/v1/targets") {
      const activeTargets = targets.map(({ job, instance, every }) => ({
        labels: { job, instance },
        scrapeInterval: every,
      }));
      return succeed({ activeTargets });
    }
    asked.push(query);
    if (query === "time()") return succeed({ resultType: "scalar", result: [nowS, String(nowS)] });
    const [startS, endS, stepS] = ["start", "end", "step"].map((key) => Number(url.searchParams.get(key)));
    const taken = /^(.*)\[(\d+)ms\]$/.exec(query);
    const atS = Number(url.searchParams.get("time") ?? nowS);
    const isRange = url.pathname.endsWith("query_range") || taken !== null;
    const times: number[] = [];
    // What was taken in the time before: a sample each second.
    if (taken) for (let at = atS - Number(taken[2]) / 1000; at <= atS; at += 1) times.push(at);
    else if (isRange) for (let at = startS ?? 0; at <= (endS ?? 0) + 1e-9; at += stepS || 1) times.push(at);
    else times.push(atS);
    const found = new Map<string, { metric: object; values: [number, string][] }>();
    for (const at of times) {
      const values = evaluate(taken?.[1] ?? query, at);
      if (values === null) return send(400, { status: "error", errorType: "bad_data", error: "parse error" });
      for (const { labels = {}, value } of values) {
        const key = JSON.stringify(labels);
        const series = found.get(key) ?? { metric: labels, values: [] };
        series.values.push([at, String(value)]);
        found.set(key, series);
      }
    }
    const result = [...found.values()];
    return isRange
      ? succeed({ resultType: "matrix", result })
      : succeed({
          resultType: "vector",
          result: result.map(({ metric, values }) => ({ metric, value: values[0] })),
        });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => new Promise((resolve) => server.close(() => resolve())));
  const { port } = server.address() as AddressInfo; // it listens on TCP
  return { url: `http://127.0.0.1:${port}`, asked, headers: () => headers };
}
