import { parseMetricSelector } from "./metric-selector.js";
import { signalKind } from "./signal-kind.js";

export const metricsPage = signalKind({
  key: "metrics",
  description:
    "A service's own page of metrics in the text format of Prometheus: `bad`, `total` and `value` are selectors.",
  sample: "http://127.0.0.1:3000/metrics",
  needsQuery: true,
  hasOwnTimes: false,
  mistakesIn(query) {
    if (parseMetricSelector(query) !== null) return [];
    const help =
      'Name series of one metric, such as http_requests_total{code=~"5.."}; functions need a Prometheus.';
    return [{ message: "expected a metric's name with matchers", help }];
  },
});
