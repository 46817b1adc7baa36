import type { Report } from "../../analysis/document/report.js";
import { type CheckRow, checkRows } from "../shown/check-rows.js";
import { completionRows, looksText } from "../shown/completion-rows.js";
import { idCounts, idExamples } from "../shown/id-rows.js";
import { type Markup, markup, prose } from "./markup.js";
import { verdictMark } from "./verdict-mark.js";

/** What was asked of the system itself. @returns null when there was no check. */
export function htmlChecks(report: Report): Markup | null {
  const rows = checkRows(report);
  if (rows.length === 0) return null;
  return markup`
<section aria-labelledby="checks-title">
  <h2 id="checks-title">Checks</h2>
  <div class="scroll" tabindex="0" role="region" aria-label="Checks"><table class="glance">
    <thead><tr><th scope="col">Check</th><th scope="col">Verdict</th><th scope="col">Expected</th><th scope="col">What came of it</th><th scope="col" class="n">Asked</th></tr></thead>
    <tbody>${rows.map(renderRow)}</tbody>
  </table></div>
  ${rows.map(renderIds).filter((each) => each !== null)}
  ${rows.map((row) => renderCompletion(row, report.durationS)).filter((each) => each !== null)}
  ${rows.map(renderOutput).filter((each) => each !== null)}
</section>`;
}

function renderRow({ name, verdict, expect, reason, asked, asks }: CheckRow): Markup {
  return markup`<tr><th scope="row">${name}</th><td>${verdictMark(verdict)}</td><td class="expect"><code>${expect}</code></td>
      <td class="told">${prose(reason)}<br><small>Asked by <code>${asks}</code></small></td><td class="n">${asked}</td></tr>`;
}

/** Of each kind: lost, duplicated, unexpected. */
const MOST_EXAMPLES = 10;

function renderIds({ name, ids, verdict }: CheckRow): Markup | null {
  if (ids === null) return null;
  const counts = idCounts(ids);
  const examples = idExamples(ids, MOST_EXAMPLES);
  return markup`
  <details class="card"${verdict === "fail" ? markup` open` : null}>
    <summary><h3>Ids of ${ids.request}: ${name}</h3></summary>
    <div class="scroll" tabindex="0" role="region" aria-label="Ids: ${name}"><table class="dense">
      <thead><tr><th scope="col">ids</th>${counts.map((each) => markup`<th scope="col" class="n">${each.name}</th>`)}</tr></thead>
      <tbody><tr><th scope="row">count</th>${counts.map(({ count }) => markup`<td class="n">${count}</td>`)}</tr></tbody>
    </table></div>
    ${
      examples.length === 0
        ? null
        : markup`<div class="scroll" tabindex="0" role="region" aria-label="Examples: ${name}"><table class="dense">
      <thead><tr><th scope="col">example</th><th scope="col">what became of it</th><th scope="col">sent</th></tr></thead>
      <tbody>${examples.map(({ id, kind, sent }) => markup`<tr><th scope="row"><code>${id}</code></th><td>${kind}</td><td>${sent}</td></tr>`)}</tbody>
    </table></div>`
    }
  </details>`;
}

function renderCompletion({ name, ids, completion }: CheckRow, durationS: number): Markup | null {
  if (completion === null) return null;
  const rows = completionRows(completion);
  return markup`
  <details class="card" open>
    <summary><h3>How long completion took${ids === null ? "" : ` (${ids.request})`}</h3></summary>
    <p class="hint">From the answer to a request until its id was seen there. The last look without it says how long it took at least, the first one with it how long at most.</p>
    <div class="scroll" tabindex="0" role="region" aria-label="Completion: ${name}"><table class="dense">
      <thead><tr><th scope="col">sent in</th><th scope="col" class="n">acknowledged</th><th scope="col" class="n">never there</th><th scope="col" class="n">p50</th><th scope="col" class="n">p95</th><th scope="col" class="n">p99</th><th scope="col" class="n">longest</th></tr></thead>
      <tbody>${rows.map(
        (row) =>
          markup`<tr><th scope="row">${row.where}</th><td class="n">${row.acknowledged}</td><td class="n">${row.never}</td><td class="n">${row.p50}</td><td class="n">${row.p95}</td><td class="n">${row.p99}</td><td class="n">${row.max}</td></tr>`,
      )}</tbody>
    </table></div>
    <p class="hint">${looksText(completion, durationS)}</p>
  </details>`;
}

function renderOutput({ name, output }: CheckRow): Markup | null {
  if (output === null) return null;
  return markup`<details class="fold"><summary>What ${name} printed</summary><pre tabindex="0">${output}</pre></details>`;
}
