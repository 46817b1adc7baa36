import { nearest } from "../support/suggestion.js";
import type { SloMetric } from "./slo-model.js";

/** What an SLO can measure, by name. */

const METRIC_NAMES = [
  "availability",
  "error_rate",
  "max",
  "throughput",
  "recovery",
  "detection",
  "p50",
  "p90",
  "p95",
  "p99",
  "p999",
] as const;

/** What other tools call it. */
const OTHER_NAMES: readonly (readonly [RegExp, string])[] = [
  [/^(success|success_rate|uptime)$/, "availability"],
  [/^(errors?|failures?|failure_rate|fail_rate|failed)$/, "error_rate"],
  [/^(rps|qps|tps|reqs?|requests?|rate)$/, "throughput"],
  [/^(latency|duration|response_time)$/, "p99"],
  [/^(median|mean|avg|average)$/, "p50"],
  [/^(rto|mttr|recover|recovery_time|time_to_recover|time_to_recovery)$/, "recovery"],
  [/^(mttd|detect|detection_time|time_to_detect|time_to_detection)$/, "detection"],
];

/** P99 and error-rate are slips of the pen, avail is an abbreviation; null: nothing comes near. */
export function metricMeant(word: string): string | null {
  const folded = word.toLowerCase().replaceAll("-", "_");
  if (/^p\d{1,2}(\.\d+|\d*)$/.test(folded)) return folded;
  const other = OTHER_NAMES.find(([spelling]) => spelling.test(folded))?.[1];
  if (other !== undefined) return other;
  const abbreviated = folded.length < 3 ? undefined : METRIC_NAMES.find((name) => name.startsWith(folded));
  return abbreviated ?? nearest(folded, METRIC_NAMES);
}

export type QuantileRead =
  | { readonly ok: true; readonly metric: SloMetric }
  | { readonly ok: false; readonly message: string; readonly suggestion: string | null };

/** p99, p99.9, p999: after the second digit a decimal point is implied. */
export function readQuantile(word: string): QuantileRead {
  const no = (message: string, suggestion: string | null = null): QuantileRead => ({
    ok: false,
    message,
    suggestion,
  });
  const match = /^p(\d{1,2})(\d*|\.\d+)$/.exec(word);
  if (!match) return no(`"${word}" is not a percentile; write p99 or p99.9`);
  const [, whole = "", rest = ""] = match;
  if (whole === "10" && /^0+$/.test(rest)) return no("the 100th percentile is called max", "max");
  const percent = Number(`${whole}${rest === "" || rest.startsWith(".") ? rest : `.${rest}`}`);
  if (!(percent > 0) || (whole.length === 2 && whole.startsWith("0"))) {
    return no(`"${word}" is not a percentile; write p50, p99 or p99.9`);
  }
  if (rest.length > 7) return no("at most six digits can follow the decimal point of a percentile");
  return { ok: true, metric: { kind: "quantile", q: Number((percent / 100).toPrecision(12)) } };
}
