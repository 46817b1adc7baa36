import { expect, test } from "vitest";
import { analyse } from "../../../src/analysis/analyse.js";
import { gaugesOf } from "../../../src/report/shown/gauges.js";
import { seriesOf } from "../../../src/telemetry/remote-write/series.js";
import type { WrittenSample } from "../../../src/telemetry/remote-write/write-request.js";
import { buildRecord } from "../../helpers/record-builder.js";
import { TRACES, toldRun } from "../../helpers/told-samples.js";

const report = analyse(
  buildRecord({
    ratePerS: 20,
    slos: ["p99 < 400ms", "p99 < 400ms"],
    phases: [
      { kind: "baseline", seconds: 30 },
      { kind: "fault", fault: "slow cache", seconds: 30, bad: { refused: 0.3 } },
    ],
  }),
);
const told = toldRun(report);
const series = seriesOf(told, "Shop", { team: "night" });

/** Values of the series with this name and these labels, in order. */
function values(name: string, labels: Readonly<Record<string, string>>): readonly WrittenSample["value"][] {
  const found = series.filter((each) => {
    const of = new Map(each.labels);
    return (
      of.get("__name__") === name && Object.entries(labels).every(([key, value]) => of.get(key) === value)
    );
  });
  expect(found.length, `${name} ${JSON.stringify(labels)}`).toBe(1);
  return found[0]?.samples.map(({ value }) => value) ?? [];
}

test("a phase counts from 0, second by second, and all of its series end with it", () => {
  const ok = { outcome: "ok" };
  expect(values("faultline_requests_total", { ...ok, phase: "baseline" })).toEqual([0, 3, "stale"]);
  expect(values("faultline_requests_total", { ...ok, phase: "fault" })).toEqual([0, 1, 2, "stale"]);
  expect(values("faultline_requests_total", { outcome: "refused", phase: "fault" })).toEqual([
    0,
    1,
    1,
    "stale",
  ]);
  expect(values("faultline_phase_active", { phase: "fault" })).toEqual([1, 1, 1, "stale"]);
});

test("good answers are in buckets up to each bound; quantiles have failures as longer than anything", () => {
  const bucket = (le: string) =>
    values("faultline_request_duration_seconds_bucket", { le, phase: "baseline" }).slice(0, -1);
  expect(["0.001", "0.0025", "0.005", "0.5", "1", "+Inf"].map((le) => bucket(le))).toEqual([
    [0, 0],
    [0, 1],
    [0, 2],
    [0, 2],
    [0, 3],
    [0, 3],
  ]);
  const [, sum] = values("faultline_request_duration_seconds_sum", { phase: "baseline" });
  expect(sum).toBeCloseTo(0.606, 3);
  const quantile = (q: string) =>
    values("faultline_request_duration_quantile_seconds", { quantile: q, phase: "fault" });
  expect(quantile("0.5")[0]).toBeCloseTo(0.03, 3);
  expect(quantile("0.99")[0]).toBe(Number.POSITIVE_INFINITY);
  expect(quantile("0.99")[1]).toBeCloseTo(20, 1);
});

test("labels are sorted and never empty, and a name that holds quotes stays as it is", () => {
  for (const { labels } of series) {
    const names = labels.map(([name]) => name);
    expect(names).toEqual([...new Set(names)].sort());
    expect(labels.every(([, value]) => value !== "")).toBe(true);
    expect(Object.fromEntries(labels)).toMatchObject({ job: "faultline", team: "night" });
  }
  const faults = new Set(series.map(({ labels }) => new Map(labels).get("fault")));
  expect([...faults]).toContain('cache "slow"');
});

test("times only grow, and no series has two samples of one time", () => {
  for (const { samples } of series) {
    const times = samples.map(({ atMs }) => atMs);
    expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
  }
  const times = told.map(({ atMs }) => atMs);
  expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
});

test("the results are the gauges of faultline.prom, each once", () => {
  const gauges = gaugesOf(report).flatMap(({ name, samples }) =>
    samples.map((sample) => ({ name, ...sample })),
  );
  expect(gauges.length).toBeGreaterThan(20);
  for (const { name, labels, value } of gauges) {
    const shown = Object.fromEntries(Object.entries(labels).filter(([, text]) => text !== ""));
    const [sample] = values(name, shown);
    expect(sample, name).toBe(value === "inf" ? Number.POSITIVE_INFINITY : value);
  }
});

test("requests are examples of the bucket that counts them first, and of their outcome", () => {
  const examples = series.flatMap(({ labels, exemplars }) => {
    const of = new Map(labels);
    return exemplars.map(({ traceId, value }) => [
      of.get("__name__"),
      of.get("le") ?? of.get("outcome"),
      traceId,
      value,
    ]);
  });
  const [failed, slow, slowest] = TRACES.map(({ traceId }) => traceId);
  expect(examples.sort()).toEqual(
    [
      ["faultline_request_duration_seconds_bucket", "0.05", slow, 0.03],
      ["faultline_request_duration_seconds_bucket", "+Inf", slowest, 20],
      ["faultline_requests_total", "refused", failed, 1],
      ["faultline_requests_total", "ok", slow, 1],
      ["faultline_requests_total", "ok", slowest, 1],
    ].sort(),
  );
});
