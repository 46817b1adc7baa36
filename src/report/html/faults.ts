import type { FaultReport, Report } from "../../analysis/model.js";
import { tellingResult } from "../../analysis/severity.js";
import { formatClock, formatCount, formatTiming, NOTHING } from "../../support/format.js";
import { describeProof, describeRecovery, newFindings } from "../facts.js";
import { type SloRow, sloRow } from "../slo-row.js";
import { type Markup, markup } from "./markup.js";
import { verdictMark } from "./verdict-mark.js";

/** With more faults than this, the cards of those that held are folded. */
const OPEN_CARDS = 4;

/** One line for each fault: what happened, how bad, how long to come back. */
export function renderGlance(report: Report): Markup | null {
  if (report.faults.length === 0) return null;
  return markup`
<section aria-labelledby="glance-title">
  <h2 id="glance-title">At a glance</h2>
  <div class="scroll" tabindex="0" role="region" aria-label="Faults and their worst SLO"><table class="glance">
    <thead><tr><th scope="col">Fault</th><th scope="col">Verdict</th><th scope="col">Worst SLO</th>
      <th scope="col" class="n">Baseline</th><th scope="col" class="n">During fault</th><th scope="col" class="n">Back after</th></tr></thead>
    <tbody>${report.faults.map(renderGlanceLine)}</tbody>
  </table></div>
  ${report.limits.map((limit) => markup`<p class="hint limit">${limit}</p>`)}
</section>`;
}

function renderGlanceLine(fault: FaultReport, index: number): Markup {
  const worst = tellingResult(fault.slos, fault.verdict) ?? fault.slos[0];
  const row = worst ? sloRow(worst) : null;
  return markup`<tr><th scope="row"><a href="#fault-${index + 1}">${index + 1} ${fault.name}</a></th>
      <td>${verdictMark(fault.verdict)}</td><td>${row ? markup`<code>${row.expect}</code>` : fault.reason}</td>
      <td class="n">${row?.baseline ?? NOTHING}</td><td class="n">${row ? (row.fault === NOTHING ? row.observed : row.fault) : NOTHING}</td>
      <td class="n">${formatTiming(fault.recovery)}</td></tr>`;
}

/** A card for each fault: findings, SLOs side by side, recovery, proof, budget. */
export function renderFaultCards(report: Report): Markup {
  const baseline =
    report.baseline.verdict === "pass" || report.baseline.slos.length === 0
      ? null
      : markup`
<section class="card" aria-labelledby="baseline-title">
  <h2 id="baseline-title">Baseline ${verdictMark(report.baseline.verdict)}</h2>
  ${renderSlos(
    report.baseline.slos.map((slo) => sloRow(slo)),
    "Baseline",
  )}
</section>`;
  if (report.faults.length === 0) return markup`${baseline}`;
  return markup`${baseline}
<section aria-labelledby="faults-title">
  <h2 id="faults-title">Faults</h2>
  ${report.faults.map((fault, index) =>
    renderCard(fault, index, fault.verdict !== "pass" || report.faults.length <= OPEN_CARDS),
  )}
</section>`;
}

function renderCard(fault: FaultReport, index: number, open: boolean): Markup {
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
    ${fault.verdict === "pass" || fault.verdict === "fail" ? null : markup`<p class="because">${fault.reason}</p>`}
    ${newFindings(fault).length === 0 ? null : markup`<ul class="findings">${newFindings(fault).map((finding) => markup`<li>${finding}</li>`)}</ul>`}
    ${
      fault.slos.length === 0
        ? null
        : renderSlos(
            fault.slos.map((slo) => sloRow(slo)),
            fault.name,
          )
    }
    <dl class="tiles">
      ${tile("Recovery", describeRecovery(fault), fault.recovery.explanation)}
      ${tile("Detection", formatTiming(fault.detection), fault.detection.explanation)}
      ${tile("Injection", describeProof(fault), injection.explanation)}
      ${fault.errorBudget ? tile("Error budget", budgetShare(fault.errorBudget.consumed), fault.errorBudget.sentence) : null}
      ${fault.search ? renderSearch(fault.search) : null}
    </dl>
    ${fault.comparison.length === 0 ? null : renderComparison(fault)}
  </details>`;
}

function tile(title: string, value: string, explanation: string): Markup {
  return markup`<div><dt>${title}</dt><dd>${value}</dd><dd class="explanation">${explanation}</dd></div>`;
}

function budgetShare(consumed: number): string {
  return `${Number((consumed * 100).toPrecision(2))}% of 30 days`;
}

function renderSearch(search: NonNullable<FaultReport["search"]>): Markup {
  const edge = (value: number | null) => (value === null ? NOTHING : `${formatCount(value)} ${search.unit}`);
  return tile(
    "Breaking point",
    `holds up to ${edge(search.holdsUpTo)}, breaks at ${edge(search.breaksAt)}`,
    `${search.attribute} on ${search.proxy}, until ${search.until}; ${search.trials.length} trials`,
  );
}

function renderComparison(fault: FaultReport): Markup {
  return markup`<details class="more"><summary>Against the baseline</summary><ul>${fault.comparison.map(
    (comparison) => markup`<li><code>${comparison.slo}</code> ${comparison.sentence}</li>`,
  )}</ul></details>`;
}

function renderSlos(rows: readonly SloRow[], about: string): Markup {
  // Verdicts from what was observed alone have no intervals.
  const intervals = rows.some((row) => row.interval !== NOTHING);
  return markup`<div class="scroll" tabindex="0" role="region" aria-label="SLOs: ${about}"><table class="slos">
      <thead><tr><th scope="col">SLO</th><th scope="col" class="n">Baseline</th><th scope="col" class="n">Fault</th><th scope="col" class="n">Recovery</th>
        <th scope="col" class="n">Target</th>${intervals ? markup`<th scope="col" class="n">98% interval</th>` : null}<th scope="col">Verdict</th></tr></thead>
      <tbody>${rows.map((row) => renderSlo(row, intervals))}</tbody>
    </table></div>`;
}

function renderSlo(row: SloRow, interval: boolean): Markup {
  const { sign, word, tone } = row.verdict;
  const value = (column: SloRow["judged"]) =>
    column === row.judged ? markup`<strong class="${tone}">${row[column]}</strong>` : markup`${row[column]}`;
  return markup`<tr><th scope="row"><code>${row.expect}</code></th><td class="n">${value("baseline")}</td><td class="n">${value("fault")}</td>
        <td class="n">${value("recovery")}</td><td class="n">${row.target}</td>${interval ? markup`<td class="n">${row.interval}</td>` : null}<td><span class="mark ${tone}"><span aria-hidden="true">${sign}</span> ${word}</span></td></tr>
        <tr class="why"><td colspan="${interval ? 7 : 6}">${row.reason}</td></tr>`;
}
