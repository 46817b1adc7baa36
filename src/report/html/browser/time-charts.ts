import uPlot from "uplot";
import type { Outcome } from "../../../measure/outcome.js";
import { formatClock, formatRate, formatValue } from "../../../support/format.js";
import type { ShownQuantile } from "../../shown/seconds-of-run.js";
import { OUTCOME_WORDS } from "../../shown/verdict-words.js";
import { BEYOND_TIMEOUT, type PageData } from "../page-model.js";
import { type Column, latencyAxis, latencyRange, latencyText, timeAxis, toScale, valueAxis } from "./axes.js";
import { addLegend } from "./legend.js";
import { bandsPlugin, beyondPlugin, targetsPlugin } from "./overlays.js";
import { axisFont, type Palette } from "./palette.js";

const OUTCOME_COLORS: Readonly<Record<Outcome, string>> = {
  ok: "ok",
  http_error: "http-error",
  timeout: "timeout",
  refused: "refused",
  reset: "reset",
  unsent: "unsent",
};
const QUANTILES: readonly ShownQuantile[] = ["p50", "p90", "p99", "max"];
/** Up to this many seconds, the greatest value of each second is shown from the start. */
const MOST_WITH_MAX = 900;

/** A chart and its place in the page. */
export interface DrawnChart {
  readonly chart: uPlot;
  readonly place: HTMLElement;
}

/** A chart that can go on with more seconds. */
export interface TimeChart extends DrawnChart {
  /** Keeps the shown stretch of time. */
  draw(data: PageData): void;
}

export function drawThroughput(first: PageData, place: HTMLElement, palette: () => Palette): TimeChart {
  const outcomes = (Object.keys(OUTCOME_COLORS) as Outcome[]).filter((outcome) => first.ratesPerS[outcome]);
  const shown = outcomes.map(() => true);
  let data = first;
  const rates = () => outcomes.map((outcome) => (data.ratesPerS[outcome] ?? []) as Column);
  const columns = () => stacked(data.atS as number[], rates(), shown);
  const options: uPlot.Options = {
    ...timeOptions(place),
    scales: { x: { time: false }, y: { range: (_, __, max) => [0, Math.max(1, (max || 0) * 1.12)] } },
    axes: [timeAxis(palette), valueAxis(palette, (value) => formatRate(value))],
    series: [
      {},
      ...outcomes.map((outcome) => ({
        label: OUTCOME_WORDS[outcome],
        stroke: () => palette().outcomes[outcome],
        fill: () => withAlpha(palette().outcomes[outcome], outcome === "ok" ? 0.35 : 0.8),
        // A line along the top of the stack would show failures where there were none.
        width: outcome === "ok" ? 1 : 0,
        paths: stepped(),
        points: { show: false },
      })),
    ],
    bands: outcomes.slice(1).map((_, index) => ({ series: [index + 2, index + 1] as [number, number] })),
    plugins: [bandsPlugin(() => data), targetsPlugin(() => data.throughputLines, palette, axisFont())],
  };
  const chart = new uPlot(options, columns(), canvasPlace(place));
  const legend = addLegend(
    chart,
    legendPlace(place),
    outcomes.map((outcome, index) => ({
      series: index + 1,
      label: OUTCOME_WORDS[outcome],
      color: OUTCOME_COLORS[outcome],
      value: (at) => formatValue(data.ratesPerS[outcome]?.[at] ?? null, "per_s"),
    })),
    (at) => positionText(data, at),
    (series, show) => {
      shown[series - 1] = show;
      chart.setSeries(series, { show });
      // A hidden outcome leaves the stack: those above it move down. The zoom stays.
      chart.setData(columns(), false);
      chart.redraw();
    },
  );
  onCursor(chart, legend.update);
  const draw = (next: PageData) => {
    data = next;
    chart.setData(columns(), false);
  };
  return { chart, place, draw };
}

export function drawLatency(first: PageData, place: HTMLElement, palette: () => Palette): TimeChart {
  const dashes = { p50: undefined, p90: undefined, p99: undefined, max: [2, 3] };
  let data = first;
  let scaled = latencyColumns(data);
  const options: uPlot.Options = {
    ...timeOptions(place),
    scales: { x: { time: false }, y: { distr: 3, log: 10, range: () => scaled.range } },
    axes: [timeAxis(palette), latencyAxis(palette, () => scaled.beyondMs)],
    series: [
      {},
      ...QUANTILES.map((quantile) => ({
        label: quantile,
        // The greatest values of so many seconds are a cloud over the rest. One click shows it.
        show: quantile !== "max" || data.atS.length <= MOST_WITH_MAX,
        stroke: () => palette().quantiles[quantile],
        width: quantile === "p99" ? 2 : 1.25,
        dash: dashes[quantile],
        paths: stepped(),
        points: { show: false },
      })),
    ],
    plugins: [
      bandsPlugin(() => data),
      beyondPlugin(() => scaled.beyondMs),
      targetsPlugin(() => data.latencyLines, palette, axisFont()),
    ],
  };
  const chart = new uPlot(options, [data.atS as number[], ...scaled.columns], canvasPlace(place));
  const legend = addLegend(
    chart,
    legendPlace(place),
    QUANTILES.map((quantile, index) => ({
      series: index + 1,
      label: quantile,
      color: quantile,
      dash: quantile === "max",
      value: (at) => latencyText(data.latencyMs[quantile][at] ?? null),
    })),
    (at) => positionText(data, at),
    (series, show) => chart.setSeries(series, { show }),
  );
  onCursor(chart, legend.update);
  const draw = (next: PageData) => {
    data = next;
    scaled = latencyColumns(data);
    chart.setData([data.atS as number[], ...scaled.columns], false);
  };
  return { chart, place, draw };
}

/** As they are drawn, with the scale that holds them. */
function latencyColumns(data: PageData) {
  const columns = QUANTILES.map((quantile) => toScale(data.latencyMs[quantile], data.timeoutMs));
  const isBeyond = QUANTILES.some((quantile) => data.latencyMs[quantile].includes(BEYOND_TIMEOUT));
  const beyondMs = isBeyond ? data.timeoutMs : null;
  const targets = data.latencyLines.map((line) => line.value);
  return { columns, beyondMs, range: latencyRange(columns, targets, beyondMs) };
}

/** Share of the highest rate. A rarer failure would be a hair, so it is drawn this high. Values stay true. */
const LEAST_VISIBLE = 0.01;

/** Columns added up from the first shown one on. A hidden column repeats what is under it. */
function stacked(atS: number[], columns: readonly Column[], shown: readonly boolean[]): uPlot.AlignedData {
  const sums = new Array<number>(atS.length).fill(0);
  const highest = Math.max(
    0,
    ...columns.map((column) => column.reduce<number>((max, rate) => Math.max(max, rate ?? 0), 0)),
  );
  const stack = columns.map((column, index) =>
    column.map((value, at) => {
      if (value === null) return null;
      if (shown[index] && value > 0) sums[at] = (sums[at] ?? 0) + Math.max(value, highest * LEAST_VISIBLE);
      return sums[at] ?? 0;
    }),
  );
  return [atS, ...stack];
}

export function timeOptions(place: HTMLElement, height = CHART_HEIGHT) {
  return {
    width: canvasPlace(place).clientWidth,
    height,
    legend: { show: false },
    padding: [BAND_LABELS, 12, 0, 0] as uPlot.Padding,
    cursor: {
      y: false,
      points: { size: 6 },
      drag: { x: true, y: false, setScale: true },
      // Cursors go together. zoom.ts keeps the zoom in step; it also covers keys and buttons.
      sync: { key: "time", setSeries: false },
    },
  };
}

export const CHART_HEIGHT = 250;
/** Room above a time chart for the names of the faults, in CSS pixels. */
const BAND_LABELS = 24;

export function canvasPlace(place: HTMLElement): HTMLElement {
  return place.querySelector<HTMLElement>(".canvas") ?? place;
}

export function legendPlace(place: HTMLElement): HTMLElement {
  return place.querySelector<HTMLElement>(".legend") ?? place;
}

export function onCursor(chart: uPlot, update: () => void): void {
  chart.hooks.setCursor = [...(chart.hooks.setCursor ?? []), update];
}

export function stepped() {
  return uPlot.paths.stepped?.({ align: 1 });
}

export function positionText(data: PageData, at: number): string {
  const second = data.atS[at] ?? 0;
  const fault = data.windows.find((window) => second >= window.fromS && second < window.toS);
  const phase = data.phases.find(({ fromS, toS }) => second >= fromS && second < toS);
  const trial = fault?.trials.find(({ fromS, toS }) => second >= fromS && second < toS);
  return `at ${formatClock(second)}${fault ? `, ${fault.name}${trial ? ` at ${trial.name}` : ""}` : phase ? `, ${phase.label}` : ""}`;
}

function withAlpha(color: string, alpha: number): string {
  return `color-mix(in srgb, ${color} ${Math.round(alpha * 100)}%, transparent)`;
}
