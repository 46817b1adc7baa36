import type uPlot from "uplot";
import type { PromisedPoint } from "../page-model.js";

/** Between a label and its point, and between two labels. In CSS pixels. */
const GAP = 4;

interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

interface Mark {
  readonly point: PromisedPoint;
  /** From the left edge to the point, which a curve that keeps the promise passes below. */
  readonly line: HTMLElement;
  readonly label: HTMLElement;
}

/** Promises of quantiles over a percentile axis. They are elements, so that they can be read, styled and found. */
export function promisesPlugin(points: readonly PromisedPoint[]): uPlot.Plugin {
  const marks: Mark[] = [];
  return {
    hooks: {
      init: (chart) => {
        for (const point of points) {
          const [line, label] = [element("promise"), element("promise-label")];
          label.textContent = point.label;
          chart.over.append(line, label);
          marks.push({ point, line, label });
        }
      },
      draw: (chart) => {
        const plot = { width: chart.over.clientWidth, height: chart.over.clientHeight };
        const taken: Box[] = [];
        for (const { point, line, label } of marks) {
          const x = Math.min(plot.width, chart.valToPos(point.position, "x"));
          const y = chart.valToPos(point.value, "y");
          line.style.width = `${x}px`;
          line.style.top = `${y}px`;
          const { width, height } = label.getBoundingClientRect();
          const places = placesAround(x, y, width, height).filter((box) => isWithin(box, plot));
          const free = places.filter((box) => !taken.some((other) => overlap(box, other)));
          const box = free.find((each) => !isCrossed(chart, each)) ?? free[0] ?? places[0];
          label.hidden = box === undefined;
          if (!box) continue;
          label.style.left = `${box.left}px`;
          label.style.top = `${box.top}px`;
          taken.push(box);
        }
      },
    },
  };
}

function element(className: string): HTMLElement {
  const made = document.createElement("div");
  made.className = className;
  return made;
}

/** Where a label can stand, the best place first: right of its point, then on its line. */
function placesAround(x: number, y: number, width: number, height: number): Box[] {
  const at = (left: number, top: number) => ({ left, top, right: left + width, bottom: top + height });
  const [above, below] = [y - GAP - height, y + GAP];
  return [
    at(x + GAP, below),
    at(x + GAP, above),
    at(x - GAP - width, below),
    at(x - GAP - width, above),
    at(GAP, below),
    at(GAP, above),
  ];
}

function isWithin(box: Box, plot: { readonly width: number; readonly height: number }): boolean {
  return box.left >= 0 && box.right <= plot.width && box.top >= 0 && box.bottom <= plot.height;
}

function overlap(one: Box, other: Box): boolean {
  return (
    one.left < other.right + GAP &&
    other.left < one.right + GAP &&
    one.top < other.bottom &&
    other.top < one.bottom
  );
}

/** Whether a curve that is shown runs through it. */
function isCrossed(chart: uPlot, box: Box): boolean {
  const [positions = [], ...columns] = chart.data;
  return columns.some((column, index) => {
    if (chart.series[index + 1]?.show === false) return false;
    for (let at = 1; at < positions.length; at++) {
      const [y0, y1] = [column[at - 1], column[at]];
      if (typeof y0 !== "number" || typeof y1 !== "number") continue;
      const [x0, x1] = [positions[at - 1] ?? 0, positions[at] ?? 0].map((x) => chart.valToPos(x, "x"));
      const heights = [chart.valToPos(y0, "y"), chart.valToPos(y1, "y")];
      if ((x1 ?? 0) < box.left || (x0 ?? 0) > box.right) continue;
      if (Math.max(...heights) >= box.top && Math.min(...heights) <= box.bottom) return true;
    }
    return false;
  });
}
