import { expect, test } from "vitest";
import { metricOf } from "../../src/slo/metrics/index.js";
import { formatSlo, parseSlo } from "../../src/slo/parse.js";

const signals = new Map([
  ["orders", "counts"],
  ["queue", "values"],
] as const);

test.each([
  ["signal(orders) error_rate < 1%", "error_rate", { kind: "absolute", value: 0.01, unit: "ratio" }],
  ["signal(orders) availability >= 99%", "availability", { kind: "absolute", value: 0.99, unit: "ratio" }],
  ["signal(queue) max < 500 in fault, recovery", "max", { kind: "absolute", value: 500, unit: "number" }],
  ["signal(queue) min > -2.5", "min", { kind: "absolute", value: -2.5, unit: "number" }],
  ["signal(queue) last < 10 in recovery", "last", { kind: "absolute", value: 10, unit: "number" }],
  ["signal(queue) mean < 2x baseline", "mean", { kind: "baseline_factor", factor: 2 }],
  ["signal(queue) mean < baseline + 20", "mean", { kind: "baseline_offset", offset: 20, unit: "number" }],
])("%s is read, and written as it was", (text, measure, target) => {
  const parsed = parseSlo(text, { signals });
  expect(parsed).toMatchObject({
    ok: true,
    slo: { metric: { kind: "signal", measure }, request: null, target },
  });
  if (!parsed.ok) return;
  expect(formatSlo(parsed.slo)).toBe(text);
  expect(metricOf(parsed.slo.metric).signal?.name).toBe(parsed.slo.metric.signal);
});

test.each([
  ["signal max < 1", 0, '"signal" needs the signal\'s name: signal(orders)', "signal(orders)"],
  ["signal(order) error_rate < 1%", 7, 'no signal is called "order"', "orders"],
  ["signal(queue) avg < 5", 14, '"avg" is nothing that can be judged of a signal', "mean"],
  ["signal(queue) p99 < 5", 14, '"p99" is nothing that can be judged of a signal', null],
  ["signal(queue) error_rate < 1%", 14, "error_rate needs a signal with `bad` and `total`", "max"],
  ["signal(orders) max < 5", 15, "max needs a signal with a `value`", "error_rate"],
  ["signal(queue) < 5", 14, 'what of the signal "queue" is judged?', "max"],
  ["signal(queue) max > 5", 18, "an SLO for signal(queue) max is an upper limit", "<"],
  ["signal(queue) max < 5ms", 20, "a signal's values have no unit", "5"],
  ["signal(queue) max < 2x", 20, '"2x" of what?', "2x baseline"],
  ["signal(orders) error_rate < 1", 28, "1 needs a unit", "1%"],
  ["signal(queue) max < 5 for 10s", 22, "a signal is judged over the whole phase", null],
])("%s is refused at its place", (text, offset, message, suggestion) => {
  const parsed = parseSlo(text, { signals });
  expect(parsed).toMatchObject({ ok: false, error: { offset, suggestion } });
  if (!parsed.ok) expect(parsed.error.message).toContain(message);
});

test("no run is aborted by a signal", () => {
  const parsed = parseSlo("signal(queue) max > 500 for 5s", { signals, use: "abort" });
  expect(parsed).toMatchObject({
    ok: false,
    error: { message: expect.stringContaining("cannot abort a run") },
  });
});

test.each(["alert(HighErrorRate) fires < 2m in fault", "alert(HighErrorRate) resolves < 5m in recovery"])(
  "%s is read",
  (text) => {
    const parsed = parseSlo(text);
    const measure = text.includes("fires") ? "fires" : "resolves";
    expect(parsed).toMatchObject({
      ok: true,
      slo: { metric: { kind: "alert", alert: "HighErrorRate", measure }, target: { unit: "s" } },
    });
  },
);

test.each([
  ["alert fires < 2m", 0, '"alert" needs the alert\'s name'],
  ["alert(A) < 2m", 9, 'what of the alert "A" is promised?'],
  ["alert(A) fire < 2m", 9, '"fire" is nothing that an alert does'],
  ["alert(A) fires > 2m", 15, "an SLO for alert(A) fires is an upper limit"],
  ["alert(A) fires < 500ms", 17, "is measured in whole seconds"],
  ["alert(A) fires < 2x baseline", 17, "has no value in the baseline"],
  ["alert(A) fires < 2m in recovery", 23, "alert(A) fires is of the fault"],
  ["alert(A) fires < 2m for 5s", 20, "is one moment"],
])("%s is refused at its place", (text, offset, message) => {
  const parsed = parseSlo(text);
  expect(parsed).toMatchObject({ ok: false, error: { offset } });
  if (!parsed.ok) expect(parsed.error.message).toContain(message);
});
