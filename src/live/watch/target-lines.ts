import type { TargetLine } from "../../report/html/page-model.js";
import { metricOf } from "../../slo/metrics/index.js";
import type { Slo } from "../../slo/slo.js";
import type { LiveWindow } from "./live-model.js";

/** Later than any run ends. */
export const OPEN_END_S = 1e9;

/**
 * Targets that are known by now. A target of one fault spans that fault's windows. Targets of one request name, of
 * what crosses a proxy, of failures and of what checks see are not drawn.
 */
export function targetLines(
  slos: readonly Slo[],
  unit: "ms" | "per_s",
  windows: readonly LiveWindow[],
): TargetLine[] {
  return slos.flatMap(({ text, metric, target, request, fault }): TargetLine[] => {
    if (request !== null || target.kind !== "absolute") return [];
    const of = metricOf(metric);
    if (of.unit !== unit || of.crossing !== null || of.completion !== null || of.among === "failed")
      return [];
    const line = { label: text, value: target.value };
    if (fault === null) return [{ ...line, fromS: null, toS: null }];
    return windows
      .filter((window) => window.fault === fault)
      .map(({ fromS, toS }) => ({ ...line, fromS, toS: toS ?? OPEN_END_S }));
  });
}
