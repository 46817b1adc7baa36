import uPlot from "uplot";
import { BEYOND_TIMEOUT, type DistributionCurve, type PageData } from "../page-model.js";
import { latencyAxis, latencyRange, latencyText, toScale, valueAxis } from "./axes.js";
import { addLegend } from "./legend.js";
import { beyondPlugin } from "./overlays.js";
import type { Palette } from "./palette.js";
import { promisesPlugin } from "./promise-marks.js";
import { CHART_HEIGHT, canvasPlace, type DrawnChart, legendPlace, onCursor } from "./time-charts.js";

/** Latency over the percentile axis of HdrHistogram plots: each further nine takes as much room as the one before. */
export function drawDistribution(data: PageData, place: HTMLElement, palette: () => Palette): DrawnChart {
  const { axis, curves, promises } = data.distribution;
  const columns = curves.map((curve, index) =>
    // Side by side in the strip: otherwise curves that all failed would hide each other.
    toScale(curve.latencyMs, data.timeoutMs, 1.15 + (0.7 * (index + 0.5)) / curves.length),
  );
  const beyond = curves.some((curve) => curve.latencyMs.includes(BEYOND_TIMEOUT));
  const beyondMs = beyond ? data.timeoutMs : null;
  const range = latencyRange(
    columns,
    promises.map(({ value }) => value),
    beyondMs,
  );
  const colorOf = ({ category }: DistributionCurve) =>
    category === null ? "muted" : `category-${(category % 6) + 1}`;
  const chart = new uPlot(
    {
      width: canvasPlace(place).clientWidth,
      height: CHART_HEIGHT,
      legend: { show: false },
      // Room for the name of the strip.
      padding: [beyond ? 22 : 12, 12, 0, 0],
      cursor: { y: false, points: { size: 6 }, drag: { x: false, y: false } },
      scales: {
        x: { time: false, range: [0, axis.at(-1) ?? 1] },
        y: { distr: 3, log: 10, range: () => range },
      },
      axes: [
        {
          ...valueAxis(palette, percentileText),
          size: 32,
          splits: () => [0, HALF, ...axis.filter((position) => position > 0 && Number.isInteger(position))],
        },
        latencyAxis(palette, () => beyondMs),
      ],
      series: [
        {},
        ...curves.map((curve) => ({
          label: curve.label,
          show: curve.shown,
          stroke: () =>
            curve.category === null
              ? palette().muted
              : (palette().categories[curve.category % 6] ?? palette().ink),
          width: 2,
          dash: dashOf(curve),
          points: { show: false },
        })),
      ],
      plugins: [...(beyond ? [beyondPlugin(() => beyondMs)] : []), promisesPlugin(promises)],
    },
    [axis as number[], ...columns],
    canvasPlace(place),
  );
  const legend = addLegend(
    chart,
    legendPlace(place),
    curves.map((curve, index) => ({
      series: index + 1,
      label: curve.label,
      color: colorOf(curve),
      dash: curve.category === null,
      value: (at) => latencyText(curve.latencyMs[at] ?? null),
    })),
    (at) => `at p${percentile(axis[at] ?? 0)}`,
    (series, show) => chart.setSeries(series, { show }),
  );
  onCursor(chart, legend.update);
  return { chart, place };
}

/** The baseline is dashed. After the sixth fault the colours come again, with dots. */
function dashOf({ category }: DistributionCurve): number[] | undefined {
  return category === null ? [6, 4] : category >= 6 ? [2, 3] : undefined;
}

/** The axis position of p50. */
const HALF = Math.log10(2);

function percentile(position: number): string {
  const value = 100 * (1 - 10 ** -position);
  return String(Number(value.toFixed(Math.max(1, Math.ceil(position) - 1))));
}

function percentileText(position: number): string {
  return position === HALF ? "p50" : `p${percentile(position)}`;
}
