/** How values read inside sentences. Numbers read as in every report. */

import type { RecordedLoad, RunEnding } from "../../measure/record.js";
import type { Crossing } from "../../slo/observations.js";
import type { SloUnit } from "../../slo/slo.js";
import { countOf } from "../../support/count-of.js";
import {
  formatCount,
  formatMs,
  formatNumber,
  formatRate,
  formatRateOf,
  formatRatio,
  formatSeconds,
} from "../../support/format.js";
import type { Latency } from "../document/report.js";

/** Begins a sentence on what a run did not reach. */
export const ENDED_EARLY = {
  interrupted: "The run was interrupted",
  aborted: "The run was aborted",
  failed: "The run failed",
} as const satisfies Record<Exclude<RunEnding["kind"], "completed">, string>;

/** Adds a full stop, unless the text ends in a mark of its own. */
export function sentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}

export { countOf };

/** What is counted at a proxy. */
export const NOUN_OF_CROSSING = {
  requests: "requests",
  opened: "connections",
} as const satisfies Record<Crossing, string>;

/** A number of requests that are needed, rounded up to three digits where it is large: 20,598 → "20,600". */
export function neededText(requests: number): string {
  const step = requests < 10_000 ? 1 : 10 ** (Math.floor(Math.log10(requests)) - 2);
  return formatCount(Math.ceil(requests / step) * step);
}

/** "169x", "3.4x", "1.07x". */
export function factorText(factor: number): string {
  if (factor >= 1000) return `${formatCount(factor)}x`;
  return `${Number(factor.toPrecision(factor < 2 || factor >= 10 ? 3 : 2))}x`;
}

/** A value of the load's profile: "100/s", "5 journeys/s", "30 connections". */
export function loadText({ model, unit }: LoadUnit, value: number): string {
  if (model.kind === "closed") return countOf(Math.round(value), "connection");
  return unit === "journeys" ? formatRateOf(value, "journeys") : formatRate(value);
}

/** What values of a load's profile count. */
type LoadUnit = Pick<RecordedLoad, "unit"> & { readonly model: Pick<RecordedLoad["model"], "kind"> };

export function valueText(value: Latency, unit: SloUnit): string {
  if (value === null) return "nothing";
  if (value === "inf") return "more than the timeout";
  return { ratio: formatRatio, ms: formatMs, per_s: formatRate, s: formatSeconds, number: formatNumber }[
    unit
  ](value);
}
