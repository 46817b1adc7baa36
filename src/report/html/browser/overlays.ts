import type uPlot from "uplot";
import { formatClock, formatMs, formatSeconds } from "../../../support/format.js";
import { VERDICT_WORDS } from "../../shown/verdict-words.js";
import type { FaultWindow, PageData, TargetLine } from "../page-model.js";
import type { Palette } from "./palette.js";

/** With less room than this a band shows a shorter label, or none. In CSS pixels. */
const LABEL_ROOM = { full: 64, short: 14 } as const;
const LABEL_GAP = 6;

const UNDECIDED = { sign: "", word: "no verdict yet", tone: "undecided" } as const;

interface Band {
  readonly element: HTMLElement;
  readonly text: HTMLElement;
  readonly fromS: number;
  readonly toS: number;
  readonly label: string;
  readonly shortLabel: string;
}

/** Shaded stretches under a time chart. They are elements, so that they can be read, styled and found. */
export function bandsPlugin(shown: () => Pick<PageData, "windows" | "phases">): uPlot.Plugin {
  const bands: Band[] = [];
  let made = "";
  const add = (chart: uPlot, className: string, title: string, band: Omit<Band, "element" | "text">) => {
    const element = document.createElement("div");
    element.className = `band ${className}`;
    element.title = title;
    const text = document.createElement("span");
    element.append(text);
    chart.under.append(element);
    bands.push({ ...band, element, text });
    return element;
  };
  const addWindow = (chart: uPlot, { index, name, verdict, fromS, toS, recoveredS, trials }: FaultWindow) => {
    const { sign, word, tone } = verdict === null ? UNDECIDED : VERDICT_WORDS[verdict];
    const title = `${name}, ${formatClock(fromS)} – ${formatClock(toS)}: ${word}`;
    const searched = trials.length > 0;
    const label = searched ? "" : [index, sign, name].filter((part) => part !== "").join(" ");
    const className = searched ? "fault searched" : `fault ${tone}`;
    const band = add(chart, className, title, { fromS, toS, label, shortLabel: `${index}` });
    band.dataset.fault = String(index);
    for (const trial of trials) {
      const tried = `${name} at ${trial.name}: ${trial.word}`;
      const own = {
        fromS: trial.fromS,
        toS: trial.toS,
        label: `${trial.sign} ${trial.name}`,
        shortLabel: trial.sign,
      };
      add(chart, `fault ${trial.tone}`, tried, own);
    }
    if (recoveredS === null) return;
    const back = `${name}: back after ${formatSeconds(recoveredS - toS)}`;
    add(chart, `recovering ${tone}`, back, { fromS: toS, toS: recoveredS, label: "", shortLabel: "" });
  };
  const makeAll = (chart: uPlot) => {
    const { windows, phases } = shown();
    const wanted = JSON.stringify([windows, phases]);
    if (wanted === made) return;
    made = wanted;
    for (const { element } of bands.splice(0)) element.remove();
    for (const { label, fromS, toS } of phases) {
      if (label !== "warmup") continue;
      const title = "warm-up: measured, judged nowhere";
      add(chart, "warmup", title, { fromS, toS, label: "warm-up", shortLabel: "" });
    }
    for (const window of windows) addWindow(chart, window);
  };
  return {
    hooks: {
      init: makeAll,
      setData: makeAll,
      draw: (chart) => {
        const { min, max } = chart.scales.x ?? {};
        if (typeof min !== "number" || typeof max !== "number") return;
        const labelled = bands.filter(({ label }) => label !== "");
        for (const { element, text, fromS, toS, label, shortLabel } of bands) {
          const left = chart.valToPos(Math.max(min, fromS), "x");
          const width = chart.valToPos(Math.min(max, toS), "x") - left;
          element.hidden = width <= 0;
          element.style.left = `${left}px`;
          element.style.width = `${Math.max(2, width)}px`;
          // A label may run beyond its band, up to where the next one begins.
          const next = Math.min(
            max,
            ...labelled.map((other) => other.fromS).filter((other) => other > fromS),
          );
          const room = chart.valToPos(next, "x") - left - LABEL_GAP;
          text.style.maxWidth = `${Math.max(0, room)}px`;
          text.textContent =
            label === "" || room < LABEL_ROOM.short ? "" : room >= LABEL_ROOM.full ? label : shortLabel;
        }
      },
    },
  };
}

/** SLO targets as dashed lines with their text, over the whole width or within a fault. */
export function targetsPlugin(
  lines: () => readonly TargetLine[],
  palette: () => Palette,
  font: string,
): uPlot.Plugin {
  return {
    hooks: {
      draw: (chart) => {
        const { ctx, bbox } = chart;
        const { min, max } = chart.scales.x ?? {};
        if (typeof min !== "number" || typeof max !== "number") return;
        const ratio = devicePixelRatio;
        ctx.save();
        ctx.beginPath();
        ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
        ctx.clip();
        ctx.font = font.replace(/^\d+px/, `${11 * ratio}px`);
        ctx.textBaseline = "bottom";
        ctx.textAlign = "left";
        // From the top down: a label that is too near the line above, or the edge, goes under its own line.
        const labelHeight = 14 * ratio;
        let above = bbox.top;
        for (const line of [...lines()].sort((a, b) => b.value - a.value)) {
          const y = Math.round(chart.valToPos(line.value, "y", true));
          const left = chart.valToPos(Math.max(min, line.fromS ?? min), "x", true);
          const right = chart.valToPos(Math.min(max, line.toS ?? max), "x", true);
          if (right <= left) continue;
          ctx.strokeStyle = palette().target;
          ctx.lineWidth = ratio;
          ctx.setLineDash([6 * ratio, 4 * ratio]);
          ctx.beginPath();
          ctx.moveTo(left, y);
          ctx.lineTo(right, y);
          ctx.stroke();
          const width = ctx.measureText(line.label).width;
          if (width + 8 * ratio > right - left) continue;
          ctx.setLineDash([]);
          ctx.lineWidth = 4 * ratio;
          ctx.strokeStyle = palette().surface;
          ctx.fillStyle = palette().target;
          ctx.lineJoin = "round";
          const bottom = y - above < labelHeight ? y + labelHeight : y - 3 * ratio;
          ctx.strokeText(line.label, right - width - 4 * ratio, bottom);
          ctx.fillText(line.label, right - width - 4 * ratio, bottom);
          above = Math.max(y, bottom);
        }
        ctx.restore();
      },
    },
  };
}

/** The strip above the timeout for quantiles that reach into failures. null: there are none. */
export function beyondPlugin(timeoutMs: () => number | null): uPlot.Plugin {
  let strip: HTMLElement | null = null;
  return {
    hooks: {
      init: (chart) => {
        strip = document.createElement("div");
        strip.className = "beyond";
        strip.append(document.createElement("span"));
        chart.under.append(strip);
      },
      draw: (chart) => {
        if (!strip) return;
        const beyondMs = timeoutMs();
        const edge = beyondMs === null ? 0 : chart.valToPos(beyondMs, "y");
        strip.hidden = !(edge > 0);
        const text = strip.firstElementChild;
        if (text && beyondMs !== null) text.textContent = `> timeout (${formatMs(beyondMs)})`;
        strip.style.height = `${Math.max(0, edge)}px`;
      },
    },
  };
}
