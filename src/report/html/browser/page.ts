import type { PageData } from "../page-model.js";
import { drawDistribution } from "./distribution-chart.js";
import { type Palette, readPalette } from "./palette.js";
import { drawSignal } from "./signal-chart.js";
import { canvasPlace, type DrawnChart, drawLatency, drawThroughput } from "./time-charts.js";
import { connectZoom } from "./zoom.js";

function start(): void {
  const text = document.querySelector("#page-data")?.textContent;
  if (!text) return;
  const data = JSON.parse(text) as PageData; // written by this package, in the same version
  let colors: Palette = readPalette();
  const palette = () => colors;
  const place = (id: string) => document.getElementById(id);

  const timeCharts: DrawnChart[] = [];
  const throughput = place("chart-throughput");
  const latency = place("chart-latency");
  if (throughput) timeCharts.push(drawThroughput(data, throughput, palette));
  if (latency) timeCharts.push(drawLatency(data, latency, palette));
  for (const [index, signal] of data.signals.entries()) {
    const at = place(`chart-signal-${index}`);
    if (at) timeCharts.push(drawSignal(data, signal, at, palette));
  }
  connectZoom(timeCharts, data);
  const charts = [...timeCharts];
  const distribution = place("chart-distribution");
  if (distribution) charts.push(drawDistribution(data, distribution, palette));

  const repaint = () => {
    colors = readPalette();
    for (const { chart } of charts) chart.redraw(false, true);
  };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
  keepSizes(charts);
  printWhole(repaint);
  openAimedCard();
}

function keepSizes(charts: readonly DrawnChart[]): void {
  const resize = () => {
    for (const { chart, place } of charts) {
      const width = canvasPlace(place).clientWidth;
      if (width > 0 && width !== chart.width) chart.setSize({ width, height: chart.height });
    }
  };
  new ResizeObserver(resize).observe(document.body);
}

/** Print shows light colours and unfolds everything. */
function printWhole(repaint: () => void): void {
  let folded: HTMLDetailsElement[] = [];
  let printing = false;
  addEventListener("beforeprint", () => {
    if (printing) return;
    printing = true;
    document.documentElement.classList.add("print");
    folded = [...document.querySelectorAll<HTMLDetailsElement>("details:not([open])")];
    for (const details of folded) details.open = true;
    repaint();
  });
  addEventListener("afterprint", () => {
    document.documentElement.classList.remove("print");
    for (const details of folded) details.open = false;
    printing = false;
    repaint();
  });
}

/** A link to a card that is folded opens it. */
function openAimedCard(): void {
  const open = () => {
    const aimed = location.hash ? document.getElementById(location.hash.slice(1)) : null;
    if (aimed instanceof HTMLDetailsElement) aimed.open = true;
  };
  addEventListener("hashchange", open);
  open();
}

start();
