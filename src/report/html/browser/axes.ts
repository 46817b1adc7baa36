import type uPlot from "uplot";
import { formatClock, formatMs, formatValue } from "../../../support/format.js";
import { BEYOND_TIMEOUT } from "../page-model.js";
import { axisFont, type Palette } from "./palette.js";

export type Column = (number | null)[];

/** Where "longer than anything" is drawn, in timeouts. */
const BEYOND_AT = 1.45;
/** Top of a latency scale that has such values, in timeouts. */
const BEYOND_TOP = 2;

export function toScale(column: readonly (number | null)[], timeoutMs: number, beyondAt = BEYOND_AT): Column {
  return column.map((value) => (value === BEYOND_TIMEOUT ? timeoutMs * beyondAt : value));
}

export function latencyText(value: number | null): string {
  return formatValue(value === BEYOND_TIMEOUT ? "inf" : value, "ms");
}

/**
 * From a 1-2-5 step below the fastest value to one above the slowest value, the targets and, when needed, the timeout.
 */
export function latencyRange(
  columns: readonly Column[],
  targets: readonly number[],
  timeoutMs: number | null,
): [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = 0;
  for (const column of columns) {
    for (const value of column) {
      if (value === null || value <= 0) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  for (const target of targets) if (target > 0) high = Math.max(high, target);
  // Where every request failed, nothing lies below the timeout. The scale goes there all the same.
  if (timeoutMs !== null) low = Math.min(low, timeoutMs / 20);
  if (!Number.isFinite(low)) return [1, Math.max(1000, high * 1.5)];
  const decade = 10 ** Math.floor(Math.log10(low));
  const floor = [5, 2, 1].map((step) => step * decade).find((step) => step <= low) ?? decade;
  return [floor * 0.9, timeoutMs === null ? high * 1.5 : Math.max(timeoutMs * BEYOND_TOP, high * 1.2)];
}

function baseAxis(palette: () => Palette): uPlot.Axis {
  return {
    stroke: () => palette().muted,
    font: axisFont(),
    grid: { stroke: () => palette().grid, width: 1 },
    ticks: { stroke: () => palette().grid, width: 1, size: 4 },
  };
}

export function timeAxis(palette: () => Palette): uPlot.Axis {
  return {
    ...baseAxis(palette),
    size: 30,
    incrs: [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600],
    values: (_, splits) => splits.map((value) => formatClock(value)),
  };
}

export function valueAxis(palette: () => Palette, text: (value: number) => string): uPlot.Axis {
  return { ...baseAxis(palette), size: 76, values: (_, splits) => splits.map((value) => text(value)) };
}

/** Lines and names at 1, or at 1, 2 and 5, of each decade. Nothing above the timeout. uPlot's own begin at `min`. */
export function latencySplits(min: number, max: number, timeoutMs: number | null): number[] {
  const leads = Math.log10(max / min) > 2.5 ? [1] : [1, 2, 5];
  const [first, last] = [Math.floor(Math.log10(min)), Math.ceil(Math.log10(max))];
  return Array.from({ length: last - first + 1 }, (_, index) => 10 ** (first + index))
    .flatMap((decade) => leads.map((lead) => Number((lead * decade).toPrecision(1))))
    .filter((value) => value >= min && value <= (timeoutMs ?? max));
}

export function latencyAxis(palette: () => Palette, timeoutMs: () => number | null): uPlot.Axis {
  return {
    ...baseAxis(palette),
    size: 76,
    splits: (_, __, min, max) => latencySplits(min, max, timeoutMs()),
    // All of them. uPlot would leave some out of a log scale.
    filter: (_, splits) => splits,
    values: (_, splits) => splits.map((value) => formatMs(value)),
  };
}
