import type uPlot from "uplot";

/** One switch of a chart's legend. */
export interface LegendEntry {
  /** Index of the series in the chart. */
  readonly series: number;
  readonly label: string;
  /** Name of the custom property that holds its colour. */
  readonly color: string;
  readonly dash?: boolean;
  /** The value under the cursor, written out. */
  value(index: number): string;
}

/** Buttons that switch series on and off and show the values under the cursor. */
export function addLegend(
  chart: uPlot,
  place: HTMLElement,
  entries: readonly LegendEntry[],
  position: (index: number) => string,
  onToggle: (series: number, shown: boolean) => void,
): { update(): void } {
  place.replaceChildren();
  const outputs = entries.map((entry) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "switch";
    const swatch = document.createElement("span");
    swatch.className = entry.dash ? "swatch dashed" : "swatch";
    swatch.style.setProperty("--swatch", `var(--${entry.color})`);
    const output = document.createElement("span");
    output.className = "value";
    button.append(swatch, entry.label, output);
    const reflect = () =>
      button.setAttribute("aria-pressed", String(chart.series[entry.series]?.show !== false));
    button.addEventListener("click", () => {
      onToggle(entry.series, chart.series[entry.series]?.show === false);
      reflect();
    });
    reflect();
    place.append(button);
    return output;
  });
  const where = document.createElement("span");
  where.className = "where";
  where.setAttribute("role", "status");
  place.append(where);
  return {
    update() {
      const index = chart.cursor.idx;
      const known = typeof index === "number" && (chart.cursor.left ?? -1) >= 0;
      where.textContent = known ? position(index) : "";
      for (const [at, entry] of entries.entries()) {
        const output = outputs[at];
        if (output) output.textContent = known ? entry.value(index) : "";
      }
    },
  };
}
