import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** In order of use: a module comes after those that it needs. */
const MODULES = [
  "../../support/format.js",
  "../shown/verdict-words.js",
  "../../slo/alert-state.js",
  "page-model.js",
  "browser/palette.js",
  "browser/legend.js",
  "browser/overlays.js",
  "browser/axes.js",
  "browser/time-charts.js",
  "browser/signal-chart.js",
  "browser/promise-marks.js",
  "browser/distribution-chart.js",
  "browser/zoom.js",
  "browser/page.js",
] as const;

let ofReport: string | null = null;

/** The report's own script, with uPlot. */
export function pageScript(): string {
  ofReport ??= chartScript(MODULES.map((path) => new URL(path, import.meta.url)));
  return ofReport;
}

/** uPlot and a page's own modules, as one script without imports. Read from the installed package. */
export function chartScript(modules: readonly URL[]): string {
  return (
    [uplotFile("uPlot.iife.min.js"), "(() => {", '"use strict";', ...modules.map(moduleText), "})();"]
      .join("\n")
      // Nothing in these files may end the element that holds them.
      .replace(/<\/(script)/gi, "<\\/$1")
  );
}

export function uplotStyles(): string {
  return uplotFile("uPlot.min.css");
}

function uplotFile(name: string): string {
  const main = createRequire(import.meta.url).resolve("uplot");
  return readFileSync(join(dirname(main), name), "utf8");
}

/** A compiled module as plain script. All modules share one scope, so imports and `export` are dropped. */
function moduleText(file: URL): string {
  return readFileSync(file, "utf8")
    .replace(/^import\s[^;]*;\n/gm, "")
    .replace(/^export \{[^}]*\};?\n/gm, "")
    .replace(/^export (?=const|function|class|let)/gm, "")
    .replace(/^\s*\/\*\*[\s\S]*?\*\/\n/gm, "")
    .replace(/^\s*\/\/.*\n/gm, "");
}
