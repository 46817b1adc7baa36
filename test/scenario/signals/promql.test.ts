import { expect, test } from "vitest";
import { promDurationMs, readPromQl } from "../../../src/scenario/signals/promql.js";

test.each([
  ["queue_depth", ["queue_depth"], 0],
  ['max by (job) (queue_depth{job=~"a|b(c)"})', ['queue_depth{job=~"a|b(c)"}'], 0],
  ["sum(rate(orders_total[5s]))", ["orders_total"], 5_000],
  [
    'sum without (pod) (rate(a_total{x="}"}[1m])) / on (job) group_left (team) sum(rate(b_total[30s]))',
    ['a_total{x="}"}', "b_total"],
    60_000,
  ],
  ["max_over_time(rate(a_total[10s])[1m:5s])", ["a_total"], 70_000],
  ['{__name__=~"a.*"}', ['{__name__=~"a.*"}'], 0],
  ["job:orders:rate5s or vector(0)", ["job:orders:rate5s"], 0],
  ["histogram_quantile(0.99, sum by (le) (rate(d_bucket[1m30s]))) # the slowest", ["d_bucket"], 90_000],
  ["sum(rate(a_total[5s])) > bool 1e3 and a_total == a_total", ["a_total"], 5_000],
])("%s reads %j", (query, selectors, reachMs) => {
  expect(readPromQl(query)).toMatchObject({ selectors, reachMs, isShifted: false });
});

test.each([
  ["a offset 5m", true],
  ["a @ 1609746000", true],
  ['a{x="offset 5m @"}', false],
  ["offset_total", false],
])("whether %s reads another time: %s", (query, isShifted) => {
  expect(readPromQl(query)?.isShifted).toBe(isShifted);
});

test.each(["sum(a", "sum(a))", 'a{x="1"', "a[5m", 'a{x="1}'])("%s does not close", (query) => {
  expect(readPromQl(query)).toBeNull();
});

test("durations are those of Prometheus", () => {
  expect(["5s", "1m30s", "100ms", "1d"].map(promDurationMs)).toEqual([5_000, 90_000, 100, 86_400_000]);
  expect(["", "5", "s", "5 s", "1.5s"].map(promDurationMs)).toEqual([null, null, null, null, null]);
});
