/** What was sent is asked back of real servers that Debian has not, and is the same. `scripts/real-receivers.sh` builds them. */

import { once } from "node:events";
import { accessSync, constants } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { expect, onTestFinished, type TestContext, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.js";
import { pickFreePort } from "../../src/run/reach/local-port.js";
import { elasticsearchExporter } from "../../src/telemetry/elasticsearch/elasticsearch-exporter.js";
import { linesOf } from "../../src/telemetry/lines/lines.js";
import { otlpExporters } from "../../src/telemetry/otlp/otlp-exporters.js";
import { startChild } from "../helpers/children/start-child.mjs";
import { temporaryFolder } from "../helpers/faultline.js";
import { otlpDouble, type Span } from "../helpers/otlp-double.js";
import { answered } from "../helpers/real-prometheus.js";
import { buildRecord } from "../helpers/record-builder.js";
import { toldRun } from "../helpers/told-samples.js";

const CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "faultline-receivers", "bin");
const never = new AbortController().signal;
const SHOP = { scenario: "Shop", version: "1.2.3", folder: null } as const;

/** Each takes some ten minutes to build. */
const BY_HAND = ["otelcol", "jaeger"];

/** @returns the program. Skips the test where it is not there; in CI the test fails then, unless it is one by hand. */
function needed(context: TestContext, program: string): string {
  for (const folder of [CACHE, ...(process.env.PATH ?? "").split(delimiter)]) {
    const file = join(folder, program);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Another folder may have it.
    }
  }
  const how = `there is no ${program}: scripts/real-receivers.sh ${program}`;
  if (process.env.CI && !BY_HAND.includes(program)) throw new Error(how);
  return context.skip(how);
}

/** It ends with the test. Resolves once there is an answer at that URL. */
async function start(program: string, args: readonly string[], readyUrl: string): Promise<void> {
  const child = startChild(program, args, { stdio: "ignore" });
  const ended = once(child, "exit");
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  await answered(readyUrl);
}

const report = analyse(
  buildRecord({
    name: "Shop",
    ratePerS: 20,
    slos: ["p99 < 400ms"],
    phases: [
      { kind: "baseline", seconds: 30 },
      { kind: "fault", fault: "slow cache", seconds: 30, bad: { refused: 0.3 } },
      { kind: "recovery", fault: "slow cache", seconds: 30 },
    ],
  }),
);
const told = toldRun(report);

test("VictoriaLogs, which takes Elasticsearch's bulk API, gives back each document", async (context) => {
  const program = needed(context, "victoria-logs");
  const folder = join(await temporaryFolder(), "logs");
  await mkdir(folder);
  const base = `http://127.0.0.1:${await pickFreePort()}`;
  const address = base.slice("http://".length);
  await start(program, [`-httpListenAddr=${address}`, `-storageDataPath=${folder}`], `${base}/health`);
  const url = `${base}/insert/elasticsearch?_time_field=@timestamp&_msg_field=message`;
  const exporter = elasticsearchExporter({ kind: "elasticsearch", url, index: "chaos", headers: {} }, SHOP);
  await exporter.send(told, never);
  await fetch(`${base}/internal/force_flush`);
  const asked = new URLSearchParams({ query: '"faultline.scenario":Shop', limit: "1000" });
  const text = await (await fetch(`${base}/select/logsql/query?${asked}`)).text();
  const found = text
    .trimEnd()
    .split("\n")
    .map((line) => {
      const { _time, _stream, _stream_id, ...fields } = JSON.parse(line);
      return canonical({ ...fields, "@timestamp": new Date(_time).toISOString() });
    });
  const sent = told
    .flatMap((each) => linesOf(each, "Shop"))
    .map(({ message, ...line }) =>
      canonical({ ...flat(line), ...(message === undefined ? {} : { _msg: String(message) }) }),
    );
  expect(sent.length).toBeGreaterThanOrEqual(15);
  expect(found.map((each) => each.replace(/"_msg":"missing _msg[^"]*",?/, "")).sort()).toEqual(sent.sort());
});

test("an OpenTelemetry collector passes on what it was told, and it is the same", async (context) => {
  const program = needed(context, "otelcol");
  const [direct, behind] = [await otlpDouble(), await otlpDouble()];
  const address = `127.0.0.1:${await pickFreePort()}`;
  const config = join(await temporaryFolder(), "collector.yaml");
  const pipeline = { receivers: ["otlp"], exporters: ["otlphttp"] };
  await writeFile(
    config,
    JSON.stringify({
      receivers: { otlp: { protocols: { http: { endpoint: address } } } },
      exporters: {
        otlphttp: {
          endpoint: behind.url,
          encoding: "json",
          compression: "none",
          sending_queue: { enabled: false },
          retry_on_failure: { enabled: false },
        },
      },
      service: {
        telemetry: { metrics: { level: "none" } },
        pipelines: { metrics: pipeline, traces: pipeline },
      },
    }),
  );
  await start(program, [`--config=${config}`], `http://${address}/v1/traces`);
  await tellOtlp(direct.url);
  await tellOtlp(`http://${address}`);
  expect([...direct.refused, ...behind.refused]).toEqual([]);
  expect(direct.spans.length).toBeGreaterThan(3);
  expect(direct.metrics.length).toBeGreaterThan(10);
  expect(behind.metrics.map(canonical).sort()).toEqual(direct.metrics.map(canonical).sort());
  expect(withoutIds(behind.spans, behind.spans.map(canonical))).toEqual(
    withoutIds(direct.spans, direct.spans.map(canonical)),
  );
});

test("Jaeger gives back each span", async (context) => {
  const program = needed(context, "jaeger");
  const direct = await otlpDouble();
  await tellOtlp(direct.url, false);
  expect(direct.metrics).toEqual([]);
  const ports = new Map<string, number>();
  for (const flag of JAEGER_PORTS) ports.set(flag, await pickFreePort());
  const at = (flag: string) => `127.0.0.1:${ports.get(flag)}`;
  const query = `http://${at("query.http-server.host-port")}`;
  await start(
    program,
    ["--collector.otlp.enabled=true", ...JAEGER_PORTS.map((flag) => `--${flag}=${at(flag)}`)],
    `${query}/api/services`,
  );
  await tellOtlp(`http://${at("collector.otlp.http.host-port")}`, false);
  const asked = new URLSearchParams({
    service: "faultline",
    start: "0",
    end: "9000000000000000",
    limit: "1000",
  });
  const response = await fetch(`${query}/api/traces?${asked}`);
  const { data } = (await response.json()) as JaegerAnswer; // as its API has it
  const found = data.flatMap(({ spans }) => spans);
  const ids = found.map(({ traceID, spanID, operationName }) => ({
    traceId: traceID,
    spanId: spanID,
    name: operationName,
  }));
  expect(withoutIds(ids, found.map(ofJaeger))).toEqual(
    withoutIds(direct.spans, direct.spans.map(asInJaeger)),
  );
});

/** Each sending draws ids of its own. In their place stands what has them. */
function withoutIds(
  spans: readonly Pick<Span, "traceId" | "spanId" | "name">[],
  lines: readonly string[],
): readonly string[] {
  const names = new Map<string, string>();
  for (const { traceId, spanId, name } of spans) names.set(spanId, name).set(traceId, "trace");
  return lines
    .map((line) => line.replace(/\b[0-9a-f]{16}(?:[0-9a-f]{16})?\b/g, (id) => names.get(id) ?? id))
    .sort();
}

/** All of what it listens on: its usual ports may be taken. */
const JAEGER_PORTS = [
  "query.http-server.host-port",
  "query.grpc-server.host-port",
  "collector.otlp.http.host-port",
  "collector.otlp.grpc.host-port",
  "collector.http-server.host-port",
  "collector.grpc-server.host-port",
  "admin.http.host-port",
];

interface JaegerAnswer {
  readonly data: readonly { readonly spans: readonly JaegerSpan[] }[];
}

interface JaegerSpan {
  readonly traceID: string;
  readonly spanID: string;
  readonly operationName: string;
  /** In microseconds. */
  readonly startTime: number;
  readonly duration: number;
  readonly references: readonly { readonly traceID: string; readonly spanID: string }[];
  readonly tags: readonly { readonly key: string; readonly value: unknown }[];
}

/** Tags of its own stand for the status and the kind. */
const ITS_OWN = ["span.kind", "error", "otel.status_code", "otel.status_description", "otel.library.name"];

function ofJaeger(span: JaegerSpan): string {
  const tags = span.tags.filter(
    ({ key }) => !ITS_OWN.includes(key) && !key.startsWith("otel.scope") && key !== "internal.span.format",
  );
  return JSON.stringify({
    ids: [span.traceID, span.spanID],
    name: span.operationName,
    us: [span.startTime, span.duration],
    references: span.references.map(({ traceID, spanID }) => `${traceID} ${spanID}`).sort(),
    tags: tags.map(({ key, value }) => `${key}=${value}`).sort(),
  });
}

function asInJaeger(span: Span): string {
  const us = (nanos: string) => Number(BigInt(nanos) / 1000n);
  const { parentSpanId, links = [], attributes } = span;
  const parent = parentSpanId === undefined ? [] : [`${span.traceId} ${parentSpanId}`];
  return JSON.stringify({
    ids: [span.traceId, span.spanId],
    name: span.name,
    us: [us(span.startTimeUnixNano), us(span.endTimeUnixNano) - us(span.startTimeUnixNano)],
    references: [...parent, ...links.map((link) => `${link.traceId} ${link.spanId}`)].sort(),
    tags: attributes
      .map(({ key, value }) => `${key}=${value.stringValue ?? value.intValue ?? value.doubleValue}`)
      .sort(),
  });
}

async function tellOtlp(url: string, metrics = true): Promise<void> {
  for (const exporter of otlpExporters({ kind: "otlp", url: `${url}/`, headers: {}, metrics }, SHOP)) {
    await exporter.send(
      told.filter(({ kind }) => exporter.sends.includes(kind)),
      never,
    );
  }
}

/** As it keeps them: names with dots, and texts. What is null is not there. */
function flat(value: object, prefix = ""): Readonly<Record<string, string>> {
  const entries = Object.entries(value).flatMap(([key, part]): readonly (readonly [string, string])[] => {
    if (part === null || part === undefined) return [];
    if (typeof part === "object") return Object.entries(flat(part, `${prefix}${key}.`));
    return [[`${prefix}${key}`, String(part)]];
  });
  return Object.fromEntries(entries);
}

/** JSON with its keys in order, without what stands for nothing. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part) => {
    if (typeof part !== "object" || part === null || Array.isArray(part)) return part;
    const there = Object.entries(part).filter(
      ([, each]) =>
        !["", 0, "0"].some((nothing) => nothing === each) && !(Array.isArray(each) && each.length === 0),
    );
    return Object.fromEntries(there.sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
