import { expect, test } from "vitest";
import { readExposition } from "../../../src/signals/exposition/exposition.js";

test("a page of metrics is read as Prometheus reads it", () => {
  const { series, metrics } = readExposition(
    [
      "# HELP http_requests_total Requests.",
      "# TYPE http_requests_total counter",
      'http_requests_total{method="post",code="200"} 1027 1395066363000',
      'http_requests_total { method = "get" , code = "500", } 3',
      'path{at="C:\\\\DIR \\"a\\"\\n}{"} +Inf',
      "# TYPE failures counter",
      "temperature -1.5e1",
      "broken{a=} 1",
      "nothing",
      "nan NaN",
      "word abc",
      "# EOF",
      "",
    ].join("\n"),
  );
  expect(series.map(({ metric, labels, value }) => [metric, Object.fromEntries(labels), value])).toEqual([
    ["http_requests_total", { method: "post", code: "200" }, 1027],
    ["http_requests_total", { method: "get", code: "500" }, 3],
    ["path", { at: 'C:\\DIR "a"\n}{' }, Number.POSITIVE_INFINITY],
    ["temperature", {}, -15],
    ["nan", {}, Number.NaN],
  ]);
  expect(metrics.has("failures")).toBe(true);
  // OpenMetrics declares a counter without its ending.
  expect(metrics.has("failures_total")).toBe(true);
  expect(metrics.has("word")).toBe(false);
});
