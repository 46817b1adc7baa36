import type { FaultReport, Report, SloResult } from "../../analysis/document/report.js";
import { tellingResult } from "../../analysis/document/telling-result.js";
import { formatClock, formatTiming, NOTHING } from "../../support/format.js";
import { describeNotRun, describeStrength, newFindings } from "../shown/fault-in-words.js";
import { type RequestRow, requestRows } from "../shown/request-rows.js";
import { beyondTimeoutNote, isLoadTest } from "../shown/run-in-words.js";
import { trialsOf } from "../shown/shown-trials.js";
import { ALL_PHASES, BASELINE_ONLY, type SloRow, sloRow } from "../shown/slo-row.js";
import { isInHeadline, isToldAbove, sloInReason, ToldReasons } from "../shown/told-reasons.js";
import { type Markup, markup, prose } from "./markup.js";
import { verdictMark } from "./verdict-mark.js";

/** With more faults than this, the cards of those that held are folded. */
const OPEN_CARDS = 4;

/** One line for each fault: what happened, how bad it was, how long the system took to come back. */
export function renderGlance(report: Report): Markup | null {
  if (isLoadTest(report)) return null;
  return markup`
<section aria-labelledby="glance-title">
  <h2 id="glance-title">At a glance</h2>
  <div class="scroll" tabindex="0" role="region" aria-label="Faults and their worst SLO"><table class="glance faults">
    <thead><tr><th scope="col">Fault</th><th scope="col">Verdict</th><th scope="col">Worst SLO</th>
      <th scope="col" class="n">Baseline</th><th scope="col" class="n">During fault</th><th scope="col" class="n">Back after</th></tr></thead>
    <tbody>${report.faults.map((fault, index) => renderGlanceLine(report, fault, index))}</tbody>
  </table></div>
  ${renderNotes(report)}
</section>`;
}

/** What neither the numbers above nor those of the cards say. */
function renderNotes(report: Report): Markup {
  const note = beyondTimeoutNote(report);
  return markup`${[...(note === null ? [] : [note]), ...report.limits].map((limit) => markup`<p class="hint limit">${prose(limit)}</p>`)}`;
}

function renderGlanceLine(report: Report, fault: FaultReport, index: number): Markup {
  const worst = tellingResult(fault.slos, fault.verdict);
  const row = worst ? sloRow(worst) : null;
  const back = formatTiming(fault.recovery);
  const during = row && (row.fault === NOTHING ? row.observed : row.fault);
  // The reason tells more than numbers that are missing or cannot be trusted.
  const told = row === null || fault.verdict === "invalid" || fault.verdict === "not_run";
  return markup`<tr><th scope="row"><a href="#fault-${index + 1}">${index + 1} ${fault.name}</a></th>
      <td>${verdictMark(fault.verdict)}</td>${
        told
          ? markup`<td class="told" colspan="3">${fault.verdict === "not_run" ? describeNotRun(fault, report) : isInHeadline(fault, report) ? "see above" : prose(fault.reason)}</td>`
          : markup`<td class="expect"><code>${row.expect}</code></td>
      <td class="n before">${row.baseline}</td><td class="n during"><strong class="${row.verdict.tone}">${during}</strong></td>`
      }
      ${back === NOTHING ? markup`<td class="n">${back}</td>` : markup`<td class="n back">${back}</td>`}</tr>`;
}

/** A card for each fault: findings, SLOs side by side, recovery, proof, budget. */
export function renderFaultCards(report: Report): Markup {
  const baseline =
    (report.baseline.verdict === "pass" && !isLoadTest(report)) || report.baseline.slos.length === 0
      ? null
      : markup`
<section class="card" aria-labelledby="baseline-title">
  <h2 id="baseline-title">Baseline ${verdictMark(report.baseline.verdict)}</h2>
  ${renderSlos(tellingRows(report.baseline.slos, new ToldReasons()), "Baseline")}
  ${renderRequests(requestRows(report, null), "Baseline", true)}
</section>`;
  if (isLoadTest(report)) return markup`${baseline}${renderNotes(report)}`;
  return markup`${baseline}
<section aria-labelledby="faults-title">
  <h2 id="faults-title">Faults</h2>
  ${report.faults.map((fault, index) =>
    renderCard(report, fault, index, fault.verdict !== "pass" || report.faults.length <= OPEN_CARDS),
  )}
</section>`;
}

function renderCard(report: Report, fault: FaultReport, index: number, open: boolean): Markup {
  const { injection } = fault;
  const when =
    fault.injectedAtS === null
      ? null
      : markup` <span class="when">${formatClock(fault.injectedAtS)} – ${formatClock(fault.removedAtS ?? fault.injectedAtS)}</span>`;
  return markup`
  <details class="card" id="fault-${index + 1}"${open ? markup` open` : null}>
    <summary><h3>${index + 1} ${fault.name}</h3>${verdictMark(fault.verdict)}</summary>
    <p class="injected">${injection.description}${when}${
      fault.injectedAtS === null
        ? null
        : markup` <button type="button" class="quiet" data-zoom="${index + 1}">Zoom charts here</button>`
    }</p>
    ${fault.verdict === "pass" || fault.verdict === "fail" || isToldAbove(fault, report) ? null : markup`<p class="because">${prose(fault.reason)}</p>`}
    ${newFindings(fault).length === 0 ? null : markup`<ul class="findings">${newFindings(fault).map((finding) => markup`<li>${prose(finding)}</li>`)}</ul>`}
    ${
      fault.slos.length === 0
        ? null
        : renderSlos(tellingRows(fault.slos, new ToldReasons([sloInReason(fault)])), fault.name)
    }
    ${fault.search ? renderTrials(fault, report) : null}
    ${renderRequests(requestRows(report, fault), fault.name, fault.verdict === "fail")}
    <dl class="tiles">
      ${fault.search ? null : renderTimings(fault)}
      ${tile("Injection", describeStrength(fault), injection.explanation)}
      ${fault.errorBudget ? tile("Error budget", budgetShare(fault.errorBudget.consumed), fault.errorBudget.sentence) : null}
    </dl>
    ${fault.comparison.length === 0 ? null : renderComparison(fault)}
  </details>`;
}

/** What each request name went through, and why it failed. */
function renderRequests(rows: readonly RequestRow[], about: string, open: boolean): Markup | null {
  if (rows.length === 0) return null;
  const hasBefore = rows.some(({ before }) => before.p99 !== NOTHING);
  const head = hasBefore
    ? ["due", "failed", "p50 baseline", "p50 fault", "p99 baseline", "p99 fault"]
    : ["due", "failed", "p50", "p99"];
  return markup`<details class="more"${open ? markup` open` : null}><summary>Each request</summary>
      <div class="scroll" tabindex="0" role="region" aria-label="Each request: ${about}"><table class="dense requests">
      <thead><tr><th scope="col">request</th>${head.map((title) => markup`<th scope="col" class="n">${title}</th>`)}<th scope="col">failed most often</th></tr></thead>
      <tbody>${rows.map(({ name, requests, failed, before, now, failedBy }) => {
        const latencies = hasBefore ? [before.p50, now.p50, before.p99, now.p99] : [now.p50, now.p99];
        const cells = [requests, failed, ...latencies].map(
          (cell, index) => markup`<td class="n" data-label="${head[index] ?? ""}">${cell}</td>`,
        );
        return markup`<tr><th scope="row">${name}</th>${cells}<td data-label="most often">${failedBy}</td></tr>`;
      })}</tbody>
    </table></div></details>`;
}

function tile(title: string, value: string, explanation: string): Markup {
  return markup`<div><dt>${title}</dt><dd>${value}</dd><dd class="explanation">${explanation}</dd></div>`;
}

function renderTimings(fault: FaultReport): Markup | null {
  // For a fault that was not run, the reason is above.
  if (fault.verdict === "not_run") return null;
  return markup`${tile("Recovery", fault.recovery.seconds === 0 && !fault.recovery.censored ? "at once" : formatTiming(fault.recovery), fault.recovery.explanation)}
      ${tile("Detection", formatTiming(fault.detection), fault.detection.explanation)}`;
}

function renderTrials(fault: FaultReport, report: Report): Markup {
  return markup`<div class="scroll" tabindex="0" role="region" aria-label="Trials: ${fault.name}"><table class="slos trials">
      <thead><tr><th scope="col">Trial</th><th scope="col" class="n">p99</th><th scope="col" class="n">Available</th><th scope="col">${fault.search?.until ?? ""}</th></tr></thead>
      <tbody>${trialsOf(fault, report).map(
        (trial) =>
          markup`<tr><th scope="row">${trial.strength}</th><td class="n">${trial.p99}</td><td class="n">${trial.available}</td><td>${verdictMark(trial.verdict)}</td></tr>`,
      )}</tbody>
    </table></div>`;
}

function budgetShare(consumed: number): string {
  return `${Number((consumed * 100).toPrecision(2))}% of 30 days`;
}

function renderComparison(fault: FaultReport): Markup {
  return markup`<details class="more"><summary>Against the baseline</summary><ul>${fault.comparison.map(
    (comparison) => markup`<li><code>${comparison.slo}</code> ${comparison.sentence}</li>`,
  )}</ul></details>`;
}

/** Each SLO with the part of its reason that no row above it says. */
function tellingRows(slos: readonly SloResult[], told: ToldReasons): SloRow[] {
  return slos.map((slo) => sloRow(slo, told.news(slo)));
}

function renderSlos(rows: readonly SloRow[], about: string): Markup {
  // Verdicts from what was observed alone have no intervals.
  const intervals = rows.some((row) => row.interval !== NOTHING);
  const alone = rows.every(({ judged }) => judged === "baseline");
  const phases = alone ? BASELINE_ONLY : ALL_PHASES;
  const titles = [...phases.map(({ title }) => title), "Target", ...(intervals ? ["98% interval"] : [])];
  return markup`<div class="scroll" tabindex="0" role="region" aria-label="SLOs: ${about}"><table class="slos${alone && " alone"}">
      <thead><tr><th scope="col">SLO</th>${titles.map((title) => markup`<th scope="col" class="n">${title}</th>`)}<th scope="col">Verdict</th></tr></thead>
      <tbody>${rows.map((row) => renderSlo(row, phases, intervals))}</tbody>
    </table></div>`;
}

function renderSlo(row: SloRow, phases: typeof ALL_PHASES, interval: boolean): Markup {
  const { sign, word, tone } = row.verdict;
  const values = phases.map(({ key }) =>
    key === row.judged ? markup`<strong class="${tone}">${row[key]}</strong>` : markup`${row[key]}`,
  );
  const cells = [...values, markup`${row.target}`, ...(interval ? [markup`${row.interval}`] : [])];
  return markup`<tr><th scope="row"><code>${row.expect}</code></th>${cells.map((cell) => markup`<td class="n">${cell}</td>`)}<td><span class="mark ${tone}"><span aria-hidden="true">${sign}</span> ${word}</span></td></tr>${
    row.reason === ""
      ? null
      : markup`
        <tr class="why"><td colspan="${cells.length + 2}">${prose(row.reason)}</td></tr>`
  }`;
}
