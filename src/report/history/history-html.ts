import { relative } from "node:path";
import { htmlPage } from "../html/html.js";
import { type Markup, markup } from "../html/markup.js";
import { verdictMark } from "../html/verdict-mark.js";
import { sloRow } from "../shown/slo-row.js";
import { VERDICT_WORDS } from "../shown/verdict-words.js";
import { trendWords } from "./trend-words.js";
import {
  type BreakingTrend,
  boundsText,
  breakingText,
  heightsOf,
  type PastRun,
  type ScenarioHistory,
  type Trend,
} from "./trends.js";

const WIDTH = 240;
const HEIGHT = 40;
/** Room for the points' signs at the edges. */
const MARGIN = 7;

/** One page: each scenario with its runs and the trend of each SLO. The page will stand in `folder`. */
export function renderHistoryPage(histories: readonly ScenarioHistory[], folder: string): string {
  return htmlPage(
    "History",
    markup`
<main>
<p class="eyebrow">Resilience reports</p>
<h1>History</h1>
${histories.map((history, index) => renderScenario(history, index, folder))}
</main>`,
  );
}

function renderScenario(history: ScenarioHistory, index: number, folder: string): Markup {
  const id = `scenario-${index + 1}`;
  return markup`
<section aria-labelledby="${id}">
  <h2 id="${id}">${history.name}</h2>
  ${
    history.trends.length + history.breakingPoints.length === 0
      ? null
      : markup`<div class="scroll" tabindex="0" role="region" aria-label="SLOs over time: ${history.name}"><table class="glance">
    <thead><tr><th scope="col">Fault</th><th scope="col">SLO</th><th scope="col">Oldest to newest</th><th scope="col" class="n">Before</th><th scope="col" class="n">Last</th><th scope="col">Verdict</th></tr></thead>
    <tbody>${history.trends.map((trend) => renderTrend(trend, history.runs))}${history.breakingPoints.map(renderBreakingPoints)}</tbody></table></div>`
  }
  ${renderSearched(history)}
  <details class="fold"${openWhenShort(history)}><summary>${history.runs.length} run${history.runs.length === 1 ? "" : "s"}</summary>
    <div class="scroll" tabindex="0" role="region" aria-label="Runs: ${history.name}"><table class="dense"><thead><tr><th scope="col">Started</th><th scope="col">Verdict</th><th scope="col" class="n">Score</th><th scope="col">Why</th></tr></thead>
    <tbody>${history.runs.toReversed().map((run) => renderRun(run, folder))}</tbody></table></div></details>
</section>`;
}

/** From the ledger, which remembers runs whose reports are gone. */
function renderSearched({ name, searched = [] }: ScenarioHistory): Markup | null {
  if (searched.length === 0) return null;
  return markup`<h3>Breaking points over time</h3>
  <div class="scroll" tabindex="0" role="region" aria-label="Breaking points over time: ${name}"><table class="glance">
    <thead><tr><th scope="col">Fault</th><th scope="col">Searched</th><th scope="col">Oldest to newest</th><th scope="col">Trend</th></tr></thead>
    <tbody>${searched.map((series) => {
      const { text, tone } = trendWords(series);
      const points = series.points.map(({ found }) => boundsText(found)).join(" → ");
      return markup`<tr><th scope="row">${series.fault} on ${series.dependency}</th><td><code>${series.what}</code></td><td>${points}</td><td><span class="mark ${tone}">${text}</span></td></tr>`;
    })}</tbody></table></div>`;
}

/** Opens the list when it has only a few runs. */
function openWhenShort(history: ScenarioHistory): Markup | null {
  return history.runs.length <= 10 ? markup` open` : null;
}

function renderRun({ folder: runFolder, report }: PastRun, folder: string): Markup {
  const path = relative(folder, runFolder).split(/[\\/]/).map(encodeURIComponent).join("/");
  const link = `${path === "" ? "." : path}/report.html`;
  return markup`<tr><th scope="row"><a href="${link}">${when(report.startedAt)}</a></th><td>${verdictMark(report.verdict)}</td><td class="n">${report.score ? Math.floor(report.score.value) : "–"}</td><td>${report.reason}</td></tr>`;
}

function renderTrend(trend: Trend, runs: readonly PastRun[]): Markup {
  const last = trend.points.at(-1) ?? null;
  const before = trend.points.slice(0, -1).findLast((point) => point !== null);
  return markup`<tr><th scope="row">${trend.fault}</th><td><code>${trend.expect}</code></td><td>${renderLine(trend, runs)}</td>
    <td class="n">${before ? sloRow(before.slo).observed : "–"}</td><td class="n"><strong>${last ? sloRow(last.slo).observed : "–"}</strong></td>
    <td>${last ? verdictMark(last.verdict) : "not in the last run"}</td></tr>`;
}

/** A breaking point lies between two values. So it is told in words and not drawn. */
function renderBreakingPoints({ fault, what, points }: BreakingTrend): Markup {
  const last = points.at(-1) ?? null;
  const before = points.slice(0, -1).findLast((point) => point !== null);
  const all = points.map((point) => (point ? breakingText(point) : "–")).join(" → ");
  return markup`<tr><th scope="row">${fault}</th><td>breaking point of <code>${what}</code></td><td>${all}</td>
    <td class="n">${before ? breakingText(before) : "–"}</td><td class="n"><strong>${last ? breakingText(last) : "–"}</strong></td>
    <td>${last ? verdictMark(last.verdict) : "not in the last run"}</td></tr>`;
}

/**
 * Latencies are on a log scale. A time that is only known to be longer is an arrow up at the top. A failed run's point
 * is a cross, so that colour alone does not tell it.
 */
function renderLine(trend: Trend, runs: readonly PastRun[]): Markup {
  const heights = heightsOf(trend);
  const step = (WIDTH - 2 * MARGIN) / Math.max(1, heights.length - 1);
  const places = heights.map((height, index) => {
    const point = trend.points[index];
    if (height === null || !point) return null;
    const y = MARGIN + (1 - (typeof height === "string" ? 1 : height * 0.85)) * (HEIGHT - 2 * MARGIN);
    return { x: MARGIN + index * step, y, point, run: runs[index], isBeyond: height === "beyond" };
  });
  const path = places
    .flatMap((place, index) =>
      place ? [`${places[index - 1] ? "L" : "M"}${place.x.toFixed(1)} ${place.y.toFixed(1)}`] : [],
    )
    .join("");
  const values = trend.points.map((point) => (point ? sloRow(point.slo).observed : "–")).join(", ");
  return markup`<svg class="trend" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-label="${values}"><path d="${path}"/>${places.map(
    (place) => {
      if (!place) return markup``;
      const { tone, word } = VERDICT_WORDS[place.point.verdict];
      const [x, y] = [place.x.toFixed(1), place.y.toFixed(1)];
      const title = markup`<title>${place.run ? when(place.run.report.startedAt) : ""}: ${sloRow(place.point.slo).observed}, ${word}</title>`;
      if (place.isBeyond)
        return markup`<g class="${tone}" transform="translate(${x} ${y})">${title}<path class="cross" d="M-4 0 0-5 4 0M0-5V5"/></g>`;
      return tone === "bad"
        ? markup`<g class="bad" transform="translate(${x} ${y})">${title}<path class="cross" d="M-4-4 4 4M-4 4 4-4"/></g>`
        : markup`<circle class="${tone}" cx="${x}" cy="${y}" r="3.5">${title}</circle>`;
    },
  )}</svg>`;
}

function when(startedAt: string): string {
  return startedAt.slice(0, 16).replace("T", " ");
}
