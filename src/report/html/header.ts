import type { Report } from "../../analysis/document/report.js";
import { earlierRun } from "../shown/earlier-run.js";
import { describeOtherSlos, isLoadTest, runFacts } from "../shown/run-in-words.js";
import { VERDICT_WORDS } from "../shown/verdict-words.js";
import { type Markup, markup, prose } from "./markup.js";

const HEADLINES = {
  pass: "Passed",
  fail: "Failed",
  inconclusive: "Inconclusive",
  invalid: "Invalid",
  aborted: "Aborted",
} as const;

/** Verdict, reason and score; then where, when and how hard. */
export function renderHeader(report: Report): Markup {
  const { sign, tone, word } = VERDICT_WORDS[report.verdict];
  const otherSlos = describeOtherSlos(report);
  const started = new Date(report.startedAt);
  return markup`
<header class="hero ${tone}">
  <div class="verdict">
    <p class="eyebrow">${isLoadTest(report) ? "Load test report" : "Resilience report"}</p>
    <h1>${report.scenario.name}</h1>
    <p class="headline" title="verdict: ${word}"><span class="sign" aria-hidden="true">${sign}</span>${HEADLINES[report.verdict]}</p>
    ${otherSlos === null ? null : markup`<p class="other-slos">${otherSlos}</p>`}
    <p class="reason">${prose(report.reason)}</p>${renderEarlier(report)}
    ${report.scenario.hypothesis === null ? null : markup`<p class="hypothesis"><span>Hypothesis</span> ${report.scenario.hypothesis}</p>`}
  </div>
  ${renderScore(report)}
</header>
<p class="facts"><time datetime="${report.startedAt}">${Number.isNaN(started.getTime()) ? report.startedAt : utc(started)}</time>${runFacts(
    report,
  ).map((fact) => markup`<span>${fact}</span>`)}</p>`;
}

function renderEarlier(report: Report): Markup | null {
  const earlier = earlierRun(report);
  if (earlier === null) return null;
  return markup`<p class="reason"><strong>${earlier.sign} ${earlier.title}.</strong> ${prose(earlier.reason)}</p>`;
}

function renderScore(report: Report): Markup | null {
  if (report.score === null) return null;
  const value = Math.floor(report.score.value);
  return markup`
  <div class="score">
    <p class="eyebrow">Score</p>
    <p class="number"><strong>${value}</strong><span>/ 100</span></p>
    <div class="gauge" aria-hidden="true"><i style="width:${value}%"></i></div>
    <p class="explanation">${report.score.explanation}</p>
  </div>`;
}

function utc(time: Date): string {
  return `${time.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
