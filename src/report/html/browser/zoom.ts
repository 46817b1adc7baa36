import type uPlot from "uplot";
import type { PageData } from "../page-model.js";
import { canvasPlace, type DrawnChart } from "./time-charts.js";

/** One key press moves by this share of what is shown. */
const PAN_SHARE = 0.2;
/** At least this many seconds are shown. */
const NARROWEST_S = 3;

/** Keeps the time charts' zoom in step. Offers it to mouse, keys, the chooser and the faults' own buttons. */
export function connectZoom(charts: readonly DrawnChart[], data: PageData): void {
  const fullFrom = data.atS[0] ?? 0;
  const fullTo = data.atS.at(-1) ?? 1;
  const chooser = document.querySelector<HTMLSelectElement>("#range");
  const reset = document.querySelector<HTMLButtonElement>("#zoom-reset");
  let shown: readonly [number, number] = [fullFrom, fullTo];
  let moving = false;

  const show = (from: number, to: number) => {
    if (moving) return;
    moving = true;
    const width = Math.min(fullTo - fullFrom, Math.max(NARROWEST_S, to - from));
    const start = Math.min(Math.max(fullFrom, from), fullTo - width);
    shown = [start, start + width];
    for (const { chart } of charts) chart.setScale("x", { min: shown[0], max: shown[1] });
    const whole = shown[1] - shown[0] >= (fullTo - fullFrom) * (1 - 1e-9);
    if (reset) reset.disabled = whole;
    if (chooser && whole) chooser.value = "all";
    moving = false;
  };
  const showFault = (index: number) => {
    const fault = data.windows.find((window) => window.index === index);
    if (!fault) return;
    const margin = Math.max(2, (fault.toS - fault.fromS) * 0.4);
    show(fault.fromS - margin, Math.max(fault.toS, fault.recoveredS ?? 0) + margin);
    if (chooser) chooser.value = String(index);
  };

  for (const { chart, place } of charts) {
    chart.hooks.setScale = [
      ...(chart.hooks.setScale ?? []),
      (self: uPlot, key: string) => {
        const { min, max } = self.scales.x ?? {};
        if (key === "x" && typeof min === "number" && typeof max === "number") show(min, max);
      },
    ];
    canvasPlace(place).addEventListener("keydown", (event) => {
      if (onKey(event, chart, shown, show, () => show(fullFrom, fullTo))) event.preventDefault();
    });
  }
  reset?.addEventListener("click", () => show(fullFrom, fullTo));
  chooser?.addEventListener("change", () => {
    if (chooser.value === "all") show(fullFrom, fullTo);
    else showFault(Number(chooser.value));
  });
  for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-zoom]")) {
    button.addEventListener("click", () => {
      showFault(Number(button.dataset.zoom));
      document.querySelector("#timeline")?.scrollIntoView({ block: "start" });
    });
  }
}

/**
 * Arrows move the cursor, with Shift the window. + and - zoom. 0 shows all. @returns true when the key meant something.
 */
function onKey(
  event: KeyboardEvent,
  chart: uPlot,
  [from, to]: readonly [number, number],
  show: (from: number, to: number) => void,
  showAll: () => void,
): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const width = to - from;
  const middle = (from + to) / 2;
  switch (event.key) {
    case "+":
    case "=":
      show(middle - width / 4, middle + width / 4);
      return true;
    case "-":
      show(middle - width, middle + width);
      return true;
    case "0":
    case "Escape":
      showAll();
      return true;
    case "ArrowLeft":
    case "ArrowRight": {
      const direction = event.key === "ArrowLeft" ? -1 : 1;
      if (event.shiftKey) show(from + direction * width * PAN_SHARE, to + direction * width * PAN_SHARE);
      else moveCursor(chart, direction);
      return true;
    }
    default:
      return false;
  }
}

/** Moves to the next or the last second. From outside: to the first shown second. */
function moveCursor(chart: uPlot, direction: number): void {
  const xs = chart.data[0];
  const { min = 0, max = 0 } = chart.scales.x ?? {};
  const left = chart.cursor.left ?? -1;
  const first = Math.max(
    0,
    xs.findIndex((x) => x >= min),
  );
  const index = left < 0 ? first : chart.valToIdx(chart.posToVal(left, "x")) + direction;
  const at = Math.min(max, Math.max(min, xs[Math.min(xs.length - 1, Math.max(0, index))] ?? min));
  chart.setCursor({ left: Math.max(0, chart.valToPos(at, "x")), top: 10 });
}
