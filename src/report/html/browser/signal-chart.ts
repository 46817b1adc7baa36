import uPlot from "uplot";
import { ALERT_STATES } from "../../../slo/alert-state.js";
import { formatValue, NOTHING } from "../../../support/format.js";
import type { PageData, SignalChartData } from "../page-model.js";
import { timeAxis, valueAxis } from "./axes.js";
import { addLegend } from "./legend.js";
import { bandsPlugin, targetsPlugin } from "./overlays.js";
import { axisFont, type Palette } from "./palette.js";
import {
  canvasPlace,
  type DrawnChart,
  legendPlace,
  onCursor,
  positionText,
  stepped,
  timeOptions,
} from "./time-charts.js";

/** There may be many of them. */
const HEIGHT = 150;

/** What others know of the system, beside the load's own charts and with the same bands. */
export function drawSignal(
  data: PageData,
  signal: SignalChartData,
  place: HTMLElement,
  palette: () => Palette,
): DrawnChart {
  const { unit, values, lines } = signal;
  const text = unit === "state" ? stateText : (value: number | null) => formatValue(value, unit);
  const highest = Math.max(0, ...lines.map(({ value }) => value));
  const lowest = Math.min(0, ...lines.map(({ value }) => value));
  const options: uPlot.Options = {
    ...timeOptions(place, HEIGHT),
    scales: {
      x: { time: false },
      y: {
        range: (_, min, max) =>
          unit === "state"
            ? [0, ALERT_STATES.length - 1]
            : [Math.min(lowest, min ?? 0), upTo(Math.max(highest, max ?? 0))],
      },
    },
    axes: [timeAxis(palette), valueAxis(palette, text)],
    series: [
      {},
      {
        label: signal.name,
        stroke: () => palette().quantiles.p99,
        width: 2,
        paths: stepped(),
        points: { show: false },
      },
    ],
    plugins: [bandsPlugin(() => data), targetsPlugin(() => lines, palette, axisFont())],
  };
  const chart = new uPlot(options, [data.atS as number[], values as (number | null)[]], canvasPlace(place));
  const label = unit === "ratio" ? "bad ones" : unit === "state" ? "state" : "value";
  const legend = addLegend(
    chart,
    legendPlace(place),
    [{ series: 1, label, color: "p99", value: (at) => text(values[at] ?? null) }],
    (at) => positionText(data, at),
    (series, show) => chart.setSeries(series, { show }),
  );
  onCursor(chart, legend.update);
  return { chart, place };
}

/** Between two states there is none. */
function stateText(value: number | null): string {
  return value === null ? NOTHING : (ALERT_STATES[value] ?? "");
}

function upTo(value: number): number {
  return value > 0 ? value * 1.12 : 1;
}
