/** What was sent is asked back of real servers, and is the same. `scripts/real-receivers.sh` builds those that Debian has not. */

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
import { TRACES, toldRun } from "../helpers/told-samples.js";

const CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "faultline-receivers", "bin");
const never = new AbortController().signal;
const SHOP = { scenario: "Shop", version: "1.2.3", folder: null } as const;

/** What .ci/run builds. The others take too long for that. */
const IN_CI = ["victoria-logs"];

/** @returns the program. Skips the test where it is not there; in CI, where it has to be there, the test fails. */
function needed(context: TestContext, program: string, name = program): string {
  for (const folder of [CACHE, ...(process.env.PATH ?? "").split(delimiter)]) {
    const file = join(folder, program);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Another folder may have it.
    }
  }
  const how = `there is no ${program}: scripts/real-receivers.sh ${name}`;
  if (process.env.CI && IN_CI.includes(program)) throw new Error(how);
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

const plain = buildRecord({
  name: "Shop",
  ratePerS: 20,
  slos: ["p99 < 400ms"],
  phases: [
    { kind: "baseline", seconds: 30 },
    { kind: "fault", fault: "slow cache", seconds: 30, bad: { refused: 0.3 } },
    { kind: "recovery", fault: "slow cache", seconds: 30 },
  ],
});
const named = TRACES.map(({ phase, dueMs, ...trace }) => trace);
const report = analyse({
  ...plain,
  phases: plain.phases.map((phase) =>
    phase.kind === "fault" ? { ...phase, id: "fault-1", traces: named } : phase,
  ),
});
const told = toldRun(report);

/** All that a run tells by OTLP, to both of them. The same spans and metrics go to each. */
async function exportTo(urls: readonly string[]): Promise<void> {
  const all = urls.map((url) => otlpExporters({ kind: "otlp", url, headers: {} }, SHOP));
  for (const exporters of all) {
    for (const exporter of exporters) {
      const sends = told.filter(({ kind }) => exporter.sends.includes(kind));
      await exporter.send(sends, never);
    }
  }
}

test("a collector of OpenTelemetry takes metrics and traces, and hands on what was sent", async (context) => {
  const program = needed(context, "otel-collector");
  const [direct, behind] = [await otlpDouble(), await otlpDouble()];
  const folder = await temporaryFolder();
  const port = await pickFreePort();
  const config = join(folder, "collector.yaml");
  const pipeline = { receivers: ["otlp"], exporters: ["otlp_http"] };
  await writeFile(
    config,
    JSON.stringify({
      receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${port}` } } } },
      exporters: {
        otlp_http: {
          endpoint: behind.url,
          encoding: "json",
          compression: "none",
          // Its answer is then that of whoever it hands on to.
          sending_queue: { enabled: false },
          retry_on_failure: { enabled: false },
        },
      },
      service: {
        telemetry: { metrics: { level: "none" } },
        pipelines: { traces: pipeline, metrics: pipeline },
      },
    }),
  );
  const url = `http://127.0.0.1:${port}`;
  await start(program, [`--config=file:${config}`], url);
  await exportTo([direct.url, url]);
  expect(behind.refused).toEqual([]);
  expect(canonical(behind.metrics)).toEqual(canonical(direct.metrics));
  // Each exporter has a trace of its own for its run.
  const ofRequests = ({ spans }: typeof direct) => spans.filter(({ kind }) => kind === 3);
  expect(canonical(ofRequests(behind).map(withoutLinks))).toEqual(
    canonical(ofRequests(direct).map(withoutLinks)),
  );
  expect(shapeOf(behind.spans)).toEqual(shapeOf(direct.spans));
});

test("Jaeger shows a request's trace by the id in its header, and the run's trace with the fault above it", async (context) => {
  const program = needed(context, "jaeger-all-in-one", "jaeger");
  const [otlp, query, admin, ...others] = await Promise.all(Array.from({ length: 9 }, pickFreePort));
  const at = (port: number | undefined) => `127.0.0.1:${port}`;
  const [otlpGrpc, queryGrpc, grpc, http, remote, sampling] = others;
  await start(
    program,
    [
      `--collector.otlp.http.host-port=${at(otlp)}`,
      `--collector.otlp.grpc.host-port=${at(otlpGrpc)}`,
      `--query.http-server.host-port=${at(query)}`,
      `--query.grpc-server.host-port=${at(queryGrpc)}`,
      `--admin.http.host-port=${at(admin)}`,
      `--collector.grpc-server.host-port=${at(grpc)}`,
      `--collector.http-server.host-port=${at(http)}`,
      `--http-server.host-port=${at(sampling)}`,
      `--collector.zipkin.host-port=${at(remote)}`,
    ],
    `http://${at(admin)}/`,
  );
  const direct = await otlpDouble();
  await exportTo([direct.url, `http://${at(otlp)}`]);
  const trace = async (id: string) => {
    const response = await fetch(`http://${at(query)}/api/traces/${id}`);
    return (await response.json()) as JaegerAnswer; // Jaeger's own API
  };
  const [failed] = named;
  if (!failed) throw new Error("no trace");
  const { data } = await trace(failed.traceId);
  const [root] = data[0]?.spans ?? [];
  expect(root).toMatchObject({
    operationName: "GET /cart",
    spanID: failed.traceId.slice(16),
    duration: 12_000,
    references: [{ refType: "FOLLOWS_FROM" }],
  });
  const tags = new Map(root?.tags.map(({ key, value }) => [key, value]));
  expect(Object.fromEntries(tags)).toMatchObject({
    "span.kind": "client",
    error: true,
    "http.response.status_code": 503,
    "error.type": "refused",
    "faultline.fault": 'cache "slow"',
  });
  // From the link of the request to its phase in the run's trace.
  const link = root?.references[0];
  const run = await trace(link?.traceID ?? "");
  const spans = run.data[0]?.spans ?? [];
  const shape = spans.map(({ operationName, spanID, references }) => ({
    name: operationName,
    spanId: spanID,
    parentSpanId: references.find(({ refType }) => refType === "CHILD_OF")?.spanID,
  }));
  expect(shapeOf(shape)).toEqual(shapeOf(direct.spans.filter(({ kind }) => kind !== 3)));
  expect(shape.find(({ spanId }) => spanId === link?.spanID)?.name).toBe("fault");
});

interface JaegerAnswer {
  readonly data: readonly {
    readonly spans: readonly {
      readonly operationName: string;
      readonly spanID: string;
      readonly duration: number;
      readonly references: readonly {
        readonly refType: string;
        readonly traceID: string;
        readonly spanID: string;
      }[];
      readonly tags: readonly { readonly key: string; readonly value: unknown }[];
    }[];
  }[];
}

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
      ([, each]) => !["", 0, "0"].some((nothing) => nothing === each),
    );
    return Object.fromEntries(there.sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

function withoutLinks({ links, ...span }: Span): object {
  return span;
}

/** Names of spans, each with those above it. */
function shapeOf(spans: readonly Pick<Span, "name" | "spanId" | "parentSpanId">[]): readonly string[] {
  const way = (span: (typeof spans)[number]): string => {
    const above = spans.find(({ spanId }) => spanId === span.parentSpanId);
    return above ? `${way(above)} > ${span.name}` : span.name;
  };
  return spans.map(way).sort();
}
