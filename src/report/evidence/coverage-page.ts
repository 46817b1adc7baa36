import type { GateItem } from "../../ledger/gate.js";
import { countsText, GATE_WORDS, reasonOf } from "../../ledger/gate-in-words.js";
import { formatAge } from "../../quantities/age.js";
import { htmlPage } from "../html/html.js";
import { type Markup, markup } from "../html/markup.js";

/**
 * Which faults of which dependencies have evidence, and how old it is. A row for each dependency, a column for each
 * fault.
 */
export function renderCoveragePage(items: readonly GateItem[]): string {
  const faults = namesOf(items, ({ fault }) => fault);
  const dependencies = namesOf(items, ({ dependency }) => dependency);
  // With a list of requirements, only its items are looked at.
  const empty = items.some(({ requirement }) => requirement !== null) ? "not asked for" : "never tried";
  const open = items.filter(({ status }) => status !== "held");
  return htmlPage(
    "Coverage",
    markup`
<main>
<p class="eyebrow">Resilience evidence</p>
<h1>Coverage</h1>
<p>${items.length === 0 ? "No evidence." : countsText(items)}</p>
<section aria-labelledby="table"><h2 id="table">Dependencies and faults</h2>
<div class="scroll" tabindex="0" role="region" aria-label="The table, which scrolls"><table class="dense">
<thead><tr><th scope="col">Dependency</th>${faults.map((fault) => markup`<th scope="col">${fault}</th>`)}</tr></thead>
<tbody>${dependencies.map(
      (dependency) =>
        markup`<tr><th scope="row">${dependency}</th>${faults.map((fault) =>
          renderCell(
            items.filter((item) => item.dependency === dependency && item.fault === fault),
            empty,
          ),
        )}</tr>`,
    )}</tbody></table></div></section>
${open.length === 0 ? null : markup`<section aria-labelledby="open"><h2 id="open">What is open</h2><ul>${open.map((item) => markup`<li><strong>${item.fault ?? "no fault"} on ${item.dependency ?? "nothing"}</strong>: ${reasonOf(item)}</li>`)}</ul></section>`}
</main>`,
  );
}

function namesOf(items: readonly GateItem[], nameOf: (item: GateItem) => string | null): readonly string[] {
  return [...new Set(items.flatMap((item) => nameOf(item) ?? []))].sort();
}

/** Sign, word and age of each item. The worst comes first. */
function renderCell(items: readonly GateItem[], empty: string): Markup {
  if (items.length === 0) return markup`<td><span class="mark muted">– ${empty}</span></td>`;
  return markup`<td>${items.map(renderMark)}</td>`;
}

function renderMark({ status, ageMs, scenario }: GateItem): Markup {
  const { sign, word, tone } = GATE_WORDS[status];
  const age =
    ageMs === null ? null : markup` <span class="mark muted">${formatAge(Math.max(0, ageMs))} ago</span>`;
  return markup`<div title="${scenario ?? ""}"><span class="mark ${tone}"><span aria-hidden="true">${sign}</span> ${word}</span>${age}</div>`;
}
