import { type Palette, readPalette } from "../../report/html/browser/palette.js";
import {
  CHART_HEIGHT,
  canvasPlace,
  drawLatency,
  drawThroughput,
  type TimeChart,
} from "../../report/html/browser/time-charts.js";
import type { PageData } from "../../report/html/page-model.js";
import { formatMs, formatRate, formatValue } from "../../support/format.js";
import type { LiveStatus } from "../watch/live-model.js";
import { liveChartData, type SecondColumns } from "./chart-data.js";
import { byId } from "./elements.js";

/** The charts are this wide from the start, so that the first seconds do not fill them. */
const LEAST_WIDTH_S = 30;

/** The report's two time charts, going on second by second. */
export class LiveCharts {
  #colors: Palette = readPalette();
  #charts: readonly TimeChart[] = [];
  #columns: SecondColumns | null = null;
  readonly #range = byId("range", HTMLSelectElement);

  constructor() {
    this.#range.addEventListener("change", () => this.#showRange());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      this.#colors = readPalette();
      for (const { chart } of this.#charts) chart.redraw(false, true);
    });
    new ResizeObserver(() => this.#keepSizes()).observe(document.body);
  }

  /** Another run begins: the drawn seconds belong to the one before. */
  clear(): void {
    for (const { chart } of this.#charts) chart.destroy();
    this.#charts = [];
    this.#columns = null;
  }

  draw(columns: SecondColumns, status: LiveStatus): void {
    if (columns.last === null) return;
    this.#columns = columns;
    const data = liveChartData(columns, status);
    if (this.#charts.length === 0) this.#charts = this.#begin(data);
    else for (const chart of this.#charts) chart.draw(data);
    this.#showRange();
    describeCharts(columns);
  }

  #begin(data: PageData): TimeChart[] {
    const palette = () => this.#colors;
    const charts = [
      drawThroughput(data, byId("chart-throughput", HTMLElement), palette),
      drawLatency(data, byId("chart-latency", HTMLElement), palette),
    ];
    // A stretch chosen by dragging would be gone with the next second. The chooser says what is shown.
    for (const { chart } of charts)
      Object.assign(chart.cursor, { drag: { x: false, y: false, setScale: false } });
    return charts;
  }

  #showRange(): void {
    const atS = this.#columns?.atS ?? [];
    const last = atS.at(-1) ?? 0;
    const wanted = this.#range.value === "all" ? (atS[0] ?? 0) : last - Number(this.#range.value);
    const min = Math.max(atS[0] ?? 0, wanted);
    const max = Math.max(last, min + LEAST_WIDTH_S);
    for (const { chart } of this.#charts) chart.setScale("x", { min, max });
  }

  #keepSizes(): void {
    for (const { chart, place } of this.#charts) {
      const width = canvasPlace(place).clientWidth;
      if (width > 0 && width !== chart.width) chart.setSize({ width, height: CHART_HEIGHT });
    }
  }
}

/** The last second in words, for readers who do not see the charts. */
function describeCharts({ last }: SecondColumns): void {
  if (last === null) return;
  const [p50 = null, , p99 = null] = last.latencyMs;
  const all = Object.values(last.perS).reduce((sum, rate) => sum + rate, 0);
  const texts = {
    "chart-throughput": `Throughput by outcome. In the last second ${formatRate(last.perS.ok)} good answers of ${formatRate(all)}`,
    "chart-latency": `Latency. In the last second p50 ${shownLatency(p50)}, p99 ${shownLatency(p99)}`,
  };
  for (const [id, text] of Object.entries(texts)) {
    canvasPlace(byId(id, HTMLElement)).setAttribute("aria-label", text);
  }
}

export function shownLatency(ms: number | null): string {
  return ms === null ? "–" : ms < 0 ? formatValue("inf", "ms") : formatMs(ms);
}
