import type { SignalEndpoint, SignalSpec } from "../../plan/signals/signal-spec.js";
import { parseMetricSelector, selects } from "../../scenario/signals/metric-selector.js";
import type { SignalTrouble } from "../../slo/signal-trouble.js";
import { askPage } from "../polled/ask-page.js";
import { type Counters, type SignalLook, troubled } from "../polled/look.js";
import { PolledSource } from "../polled/polled-source.js";
import type { SignalSource } from "../signal-source.js";
import { type ExposedSeries, type Exposition, readExposition } from "./exposition.js";

/** A service's own page of metrics, without a server between. */
export function metricsSource(spec: SignalSpec, source: SignalEndpoint): SignalSource {
  return new PolledSource(spec, (stop) =>
    askPage({ source, timeoutMs: spec.timeoutMs }, stop, (text) =>
      lookInto(readExposition(text), spec.reads),
    ),
  );
}

function lookInto(page: Exposition, reads: SignalSpec["reads"]): SignalLook {
  if (reads.of === "values") {
    const found = selected(page, reads.value);
    const [only] = found;
    if (found.length !== 1 || only === undefined) return troubled(notOne("value", reads.value, found.length));
    return Number.isFinite(only.value)
      ? { kind: "value", value: only.value }
      : troubled(notNumber("value", reads.value, only.value));
  }
  const bad = countersOf(page, "bad", reads.bad);
  const total = countersOf(page, "total", reads.total);
  if ("id" in bad) return troubled(bad);
  if ("id" in total) return troubled(total);
  return { kind: "counters", bad: bad.counters, total: total.counters };
}

function selected({ series }: Exposition, query: string): readonly ExposedSeries[] {
  const selector = parseMetricSelector(query);
  if (selector === null) return [];
  return series.filter(({ metric, labels }) => metric === selector.metric && selects(selector, labels));
}

/** Of a metric that the page knows, no series may be there yet: nothing was counted. */
function countersOf(
  page: Exposition,
  key: string,
  query: string,
): { readonly counters: Counters } | SignalTrouble {
  const found = selected(page, query);
  const metric = parseMetricSelector(query)?.metric ?? "";
  if (found.length === 0 && !page.metrics.has(metric)) return notOne(key, query, 0);
  const wrong = found.find(({ value }) => !Number.isFinite(value));
  if (wrong) return notNumber(key, query, wrong.value);
  return { counters: new Map(found.map(({ labels, value }) => [JSON.stringify([...labels]), value])) };
}

function notOne(key: string, query: string, series: number): SignalTrouble {
  return series === 0
    ? { id: "no_series", facts: { key, query } }
    : { id: "several_series", facts: { key, query, series } };
}

function notNumber(key: string, query: string, value: number): SignalTrouble {
  return { id: "not_a_number", facts: { key, query, value: String(value) } };
}
