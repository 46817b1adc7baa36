import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { pickFreePort } from "../../src/run/reach/local-port.js";
import { startChild } from "./children/start-child.mjs";
import { temporaryFolder } from "./faultline.js";
import { sleep } from "./proxy-line.js";

export interface RealPrometheus {
  readonly url: string;
  /** What an expression is now. Labels are without a metric's name where the expression drops it. */
  query(expression: string): Promise<readonly QueriedSeries[]>;
  /** Trace ids of the examples of a metric. */
  exemplars(expression: string): Promise<readonly string[]>;
  /** What it was, second by second. */
  range(expression: string, fromMs: number, untilMs: number): Promise<readonly QueriedSeries[]>;
}

export interface QueriedSeries {
  readonly labels: Readonly<Record<string, string>>;
  /** In the order of time. One, unless the expression is a range such as `up[5m]`. */
  readonly values: readonly number[];
}

interface Answer {
  readonly status: string;
  readonly error?: string;
  readonly data: {
    readonly result: readonly {
      readonly metric: Readonly<Record<string, string>>;
      readonly value?: readonly [number, string];
      readonly values?: readonly (readonly [number, string])[];
    }[];
  };
}

interface ExemplarAnswer {
  readonly data: readonly {
    readonly exemplars: readonly { readonly labels: Readonly<Record<string, string>> }[];
  }[];
}

/** A server that scrapes nothing and takes remote writes. Resolves once it answers; it ends with the test. */
export async function startPrometheus(): Promise<RealPrometheus> {
  const folder = join(await temporaryFolder(), "prometheus");
  await mkdir(folder);
  const config = join(folder, "prometheus.yml");
  await writeFile(config, "global: { scrape_interval: 1s }\n");
  const address = `127.0.0.1:${await pickFreePort()}`;
  const child = startChild(
    "prometheus",
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, "data")}`,
      `--web.listen-address=${address}`,
      "--web.enable-remote-write-receiver",
      "--enable-feature=exemplar-storage",
    ],
    { stdio: "ignore" },
  );
  const ended = once(child, "exit");
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  const url = `http://${address}`;
  await answered(`${url}/-/ready`);
  const ask = async (what: string, asked: Readonly<Record<string, string>>) => {
    const response = await fetch(`${url}/api/v1/${what}?${new URLSearchParams(asked)}`);
    const answer = (await response.json()) as Answer; // Prometheus' own API
    if (answer.status !== "success") throw new Error(`${asked.query}: ${answer.error}`);
    return answer.data.result.map(({ metric, value, values }) => ({
      labels: metric,
      values: (values ?? (value ? [value] : [])).map(([, text]) => numberOf(text)),
    }));
  };
  return {
    url,
    query: (query) => ask("query", { query }),
    exemplars: async (query) => {
      const asked = new URLSearchParams({ query, start: "0", end: String(Date.now() / 1000 + 60) });
      const response = await fetch(`${url}/api/v1/query_exemplars?${asked}`);
      const answer = (await response.json()) as ExemplarAnswer; // Prometheus' own API
      return answer.data.flatMap(({ exemplars }) => exemplars.map(({ labels }) => labels.trace_id ?? ""));
    },
    range: (query, fromMs, untilMs) =>
      ask("query_range", { query, start: String(fromMs / 1000), end: String(untilMs / 1000), step: "1" }),
  };
}

/** Resolves once something answers there, and not that it cannot yet. */
export async function answered(url: string): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    const response = await fetch(url).catch(() => null);
    if (response !== null && response.status < 500) return;
    await sleep(50);
  }
  throw new Error(`nothing answers at ${url}`);
}

export function numberOf(text: string): number {
  return text === "+Inf" ? Number.POSITIVE_INFINITY : Number(text);
}
