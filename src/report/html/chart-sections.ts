import type { Report } from "../../analysis/document/report.js";
import { formatClock, formatMs, formatRate, formatValue } from "../../support/format.js";
import { isLoadTest } from "../shown/run-in-words.js";
import { signalRows } from "../shown/signal-rows.js";
import { type Markup, markup } from "./markup.js";
import type { PageData } from "./page-model.js";

/** The charts' places, and what they show in words for readers who do not see them. */
export function renderChartSections(report: Report, data: PageData): Markup | null {
  if (data.atS.length === 0) return null;
  return markup`
<section id="timeline" aria-labelledby="timeline-title">
  <div class="bar"><h2 id="timeline-title">Timeline</h2>
    <div class="tools"><label for="range">Show</label> <select id="range"><option value="all">whole run</option>${data.windows.map(
      (fault) => markup`<option value="${fault.index}">${fault.index} ${fault.name}</option>`,
    )}</select> <button type="button" id="zoom-reset" disabled>Reset zoom</button></div></div>
  ${renderChart("chart-throughput", "Throughput by outcome", "requests a second, by when they were due", describeThroughput(report), "time")}
  ${renderChart("chart-latency", "Latency", "of each second, log scale; failures count as longer than anything", describeLatency(report), "time")}
  ${renderSignals(report, data)}
  <p class="hint">Drag to zoom, double-click to reset. With a chart focused: arrows move the cursor, Shift and arrows the window, <kbd>+</kbd> <kbd>−</kbd> zoom, <kbd>0</kbd> shows all.${isLoadTest(report) ? "" : " Shaded: a fault was in place; lighter: until the system was back. Blank: due while a fault was changing, and in the counts of no phase."}</p>
</section>
<section aria-labelledby="distribution-title">
  <h2 id="distribution-title">Latency distribution</h2>
  ${renderChart("chart-distribution", isLoadTest(report) ? "Baseline" : "Baseline against fault", "how long the slowest share of requests took; failures count as longer than anything", describeDistribution(report), "percentile")}
</section>`;
}

function renderSignals(report: Report, { signals }: PageData): Markup | null {
  if (signals.length === 0) return null;
  return markup`<div class="signals">${signals.map(({ name, unit }, index) =>
    renderChart(
      `chart-signal-${index}`,
      unit === "state" ? `${name.charAt(0).toUpperCase()}${name.slice(1)}` : `Signal ${name}`,
      CHART_NOTES[unit],
      describeSignal(report, name),
      "time",
    ),
  )}</div>`;
}

const CHART_NOTES = {
  ratio: "share of bad ones, as others counted them",
  number: "as others know it",
  state: "of the team's own monitoring",
} as const satisfies Record<PageData["signals"][number]["unit"], string>;

function renderChart(id: string, title: string, unit: string, description: string, kind: string): Markup {
  const focus = kind === "time" ? markup` tabindex="0"` : null;
  return markup`<figure class="chart" id="${id}">
    <figcaption><strong>${title}</strong> <span>${unit}</span></figcaption>
    <div class="legend" role="group" aria-label="${title}: what is shown"></div>
    <div class="canvas" role="img" aria-label="${title}. ${description}"${focus}></div>
  </figure>`;
}

function describeThroughput(report: Report): string {
  return report.phases
    .map((phase) => `${nameOf(phase)}: ${formatRate(phase.throughputPerS)} good, ${share(phase)} of requests`)
    .join("; ");
}

function share(phase: Report["phases"][number]): string {
  return phase.availability === null ? "none" : formatValue(phase.availability, "ratio");
}

function describeLatency(report: Report): string {
  return report.phases
    .map(
      ({ latencyMs, ...phase }) =>
        `${nameOf(phase)}: p50 ${formatValue(latencyMs.p50, "ms")}, p99 ${formatValue(latencyMs.p99, "ms")}`,
    )
    .join("; ");
}

function describeSignal(report: Report, name: string): string {
  return report.phases
    .flatMap((phase) =>
      signalRows(phase)
        .filter((row) => row.name === name)
        .map((row) => `${nameOf(phase)}: ${row.text}`),
    )
    .join("; ");
}

function describeDistribution(report: Report): string {
  return `${describeLatency({ ...report, phases: report.phases.filter(({ kind }) => kind === "baseline" || kind === "fault") })}. Timeout ${formatMs(report.load.timeoutMs)}.`;
}

function nameOf(phase: Pick<Report["phases"][number], "kind" | "fault" | "startS">): string {
  return phase.fault === null
    ? phase.kind
    : `${phase.kind} of ${phase.fault}, from ${formatClock(phase.startS)}`;
}
