import { expect, test } from "vitest";
import { analyse } from "../../../src/analysis/analyse.js";
import { gaugesOf } from "../../../src/report/shown/gauges.js";
import { otlpExporters } from "../../../src/telemetry/otlp/otlp-exporters.js";
import { type DataPoint, type OtlpMetric, otlpDouble, textOf } from "../../helpers/otlp-double.js";
import { buildRecord } from "../../helpers/record-builder.js";
import { TRACES, toldRun } from "../../helpers/told-samples.js";

const record = buildRecord({
  ratePerS: 20,
  slos: ["p99 < 400ms"],
  phases: [
    { kind: "baseline", seconds: 30 },
    { kind: "fault", fault: "slow cache", seconds: 30, bad: { refused: 0.3 } },
    { kind: "recovery", fault: "slow cache", seconds: 30 },
  ],
});
const report = analyse(record);

async function sent(of = report) {
  const { url, metrics, spans, refused } = await otlpDouble();
  const spec = { kind: "otlp", url: `${url}/`, headers: {} } as const;
  const told = toldRun(of);
  const stop = new AbortController().signal;
  for (const exporter of otlpExporters(spec, { scenario: "Shop", version: "1.2.3", folder: null })) {
    const sends = told.filter(({ kind }) => exporter.sends.includes(kind));
    await exporter.send(sends, stop).catch(() => {});
  }
  expect(refused).toEqual([]);
  return { metrics, spans, told };
}

function metricNamed(metrics: readonly OtlpMetric[], name: string): OtlpMetric {
  const [metric, ...others] = metrics.filter((each) => each.name === name);
  expect(others).toEqual([]);
  if (!metric) throw new Error(`no metric ${name}`);
  return metric;
}

const of = (points: readonly DataPoint[] | undefined, labels: Readonly<Record<string, string>>) =>
  (points ?? []).filter(({ attributes }) =>
    Object.entries(labels).every(([key, value]) => textOf(attributes, `faultline.${key}`) === value),
  );

test("counts and times arrive with units, cumulative from each phase's begin, and end with it", async () => {
  const { metrics, told } = await sent();
  const requests = metricNamed(metrics, "faultline.requests");
  expect(requests).toMatchObject({
    unit: "{request}",
    sum: { aggregationTemporality: 2, isMonotonic: true },
  });
  const ok = of(requests.sum?.dataPoints, { outcome: "ok", phase: "fault" });
  expect(ok.map(({ asInt, flags }) => (flags === 1 ? "ends" : asInt))).toEqual(["0", "1", "2", "ends"]);
  const begun = told.find((each) => each.kind === "phase_begun" && each.phase.kind === "fault");
  expect(new Set(ok.map(({ startTimeUnixNano }) => startTimeUnixNano))).toEqual(
    new Set([`${begun?.atMs}000000`]),
  );

  const duration = metricNamed(metrics, "faultline.request.duration");
  expect(duration.unit).toBe("s");
  const [, second] = of(duration.histogram?.dataPoints, { phase: "baseline" });
  expect(second?.explicitBounds?.length).toBe((second?.bucketCounts?.length ?? 0) - 1);
  // 2 ms, 4 ms and 600 ms.
  expect(second?.bucketCounts?.flatMap((count, at) => (count === "0" ? [] : [at]))).toEqual([1, 2, 9]);
  expect(second).toMatchObject({ count: "3" });

  const quantiles = metricNamed(metrics, "faultline.request.duration.quantile").gauge?.dataPoints;
  expect(of(quantiles, { phase: "fault", quantile: "0.99" })[0]?.asDouble).toBe("Infinity");
});

test("the results are those of faultline.prom", async () => {
  const { metrics } = await sent();
  const points = metrics.flatMap(({ gauge }) => gauge?.dataPoints ?? []);
  for (const { samples } of gaugesOf(report)) {
    for (const { labels, value } of samples) {
      const shown = Object.fromEntries(Object.entries(labels).filter(([, text]) => text !== ""));
      const values = of(points, shown).map(({ asDouble }) => asDouble);
      expect(values).toContain(value === "inf" ? "Infinity" : value);
    }
  }
});

test("a run is one trace: its fault lies under it, and the phase of the fault under the fault", async () => {
  const { spans: all } = await sent();
  const spans = all.filter(({ name }) => name !== "GET /cart");
  const [run, fault] = ["run", "injected fault"].map((name) => spans.filter((each) => each.name === name));
  expect([run?.length, fault?.length]).toEqual([1, 1]);
  expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
  expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(spans.length);
  const parentOf = (name: string) => spans.find((each) => each.name === name)?.parentSpanId;
  expect(run?.[0]?.parentSpanId).toBe(undefined);
  expect(fault?.[0]?.parentSpanId).toBe(run?.[0]?.spanId);
  expect([parentOf("baseline"), parentOf("fault"), parentOf("recovery")]).toEqual([
    run?.[0]?.spanId,
    fault?.[0]?.spanId,
    run?.[0]?.spanId,
  ]);
  expect(textOf(fault?.[0]?.attributes ?? [], "faultline.fault")).toBe("slow cache");
  // It failed: a trace view shows it in red.
  expect(report.faults[0]?.verdict).toBe("fail");
  expect(fault?.[0]?.status.code).toBe(2);
  for (const { startTimeUnixNano, endTimeUnixNano } of spans) {
    expect(BigInt(startTimeUnixNano)).toBeLessThanOrEqual(BigInt(endTimeUnixNano));
  }
});

test("a request is the root of its own trace, under the id that it was sent with, and links to its phase", async () => {
  const { spans } = await sent();
  const roots = spans.filter(({ name }) => name === "GET /cart");
  expect(roots.map(({ traceId }) => traceId)).toEqual(TRACES.map(({ traceId }) => traceId));
  const phase = spans.find(({ name }) => name === "fault");
  const run = spans.find(({ name }) => name === "run");
  const [failed, slow, between] = roots;
  expect(failed).toMatchObject({
    spanId: "1".repeat(16),
    kind: 3,
    status: { code: 2, message: "status 503" },
  });
  expect(failed?.parentSpanId).toBe(undefined);
  expect(failed?.links).toEqual([{ traceId: run?.traceId, spanId: phase?.spanId }]);
  expect(textOf(failed?.attributes ?? [], "faultline.fault")).toBe('cache "slow"');
  expect(textOf(failed?.attributes ?? [], "error.type")).toBe("refused");
  expect(slow?.status).toEqual({});
  expect(slow?.attributes).toContainEqual({ key: "http.response.status_code", value: { intValue: "200" } });
  const lengthMs = (BigInt(slow?.endTimeUnixNano ?? 0) - BigInt(slow?.startTimeUnixNano ?? 0)) / 1_000_000n;
  expect(lengthMs).toBe(30n);
  // It was due while the fault was being injected.
  expect(between?.links ?? []).toEqual([]);
});

test("the run's trace has the requests of the report below their phases, each with a link to its own trace", async () => {
  const [failed, slow] = TRACES.map(({ phase, dueMs, ...trace }) => trace);
  if (!failed || !slow) throw new Error("no traces");
  const phases = record.phases.map((phase) =>
    phase.kind === "fault" ? { ...phase, id: "fault-1", traces: [failed, slow] } : phase,
  );
  const { spans } = await sent(analyse({ ...record, phases }));
  const phase = spans.find(({ name }) => name === "fault");
  const below = spans.filter(({ parentSpanId }) => parentSpanId === phase?.spanId);
  expect(below.map(({ name, links }) => [name, links])).toEqual(
    [failed, slow].map(({ traceId }) => ["GET /cart", [{ traceId, spanId: traceId.slice(16) }]]),
  );
  expect(below[0]?.traceId).toBe(phase?.traceId);
  // Its own trace leads back to this phase.
  const root = spans.find(({ traceId }) => traceId === failed.traceId);
  expect(root?.links).toEqual([{ traceId: phase?.traceId, spanId: phase?.spanId }]);
});

test("counts and times have requests as examples, once each", async () => {
  const { metrics } = await sent();
  const examples = (points: readonly DataPoint[] | undefined) =>
    points?.flatMap(({ exemplars = [] }) => exemplars);
  const times = examples(metricNamed(metrics, "faultline.request.duration").histogram?.dataPoints);
  expect(times).toMatchObject([
    { traceId: TRACES[1]?.traceId, spanId: "2".repeat(16), asDouble: 0.03 },
    { traceId: TRACES[2]?.traceId, asDouble: 20 },
  ]);
  const requests = metricNamed(metrics, "faultline.requests").sum?.dataPoints;
  expect(examples(of(requests, { outcome: "refused" }))).toMatchObject([
    { traceId: TRACES[0]?.traceId, asDouble: 1 },
  ]);
  expect(examples(requests)).toHaveLength(3);
});
