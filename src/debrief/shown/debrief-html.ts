import { htmlPage } from "../../report/html/html.js";
import { type Markup, markup, prose } from "../../report/html/markup.js";
import type { VerdictWords } from "../../report/shown/verdict-words.js";
import { isHttpUrl } from "../../support/address.js";
import type { Debrief } from "../facts/debrief.js";
import type { ExpectedOutcome } from "../facts/expectations.js";
import { actionRows, STATUS_WORDS } from "./action-rows.js";
import { DAY_WORDS, EXPECTATION_WORDS, wordsOfVerdict } from "./day-words.js";
import {
  ALERT_NOTE,
  clockOf,
  dayAndTime,
  dayFacts,
  dayRows,
  detectionCells,
  EXPECTED_NOTE,
  exemptionText,
  type Statement,
  surpriseInWords,
} from "./debrief-in-words.js";
import { DEBRIEF_STYLES } from "./debrief-styles.js";

/** Gives the path from the page to a scenario's report, by the scenario's folder. */
export type ReportPath = (folder: string) => string;

/** debrief.html, one page that needs nothing else. Its links lead only to files beside it and to runbooks. */
export function renderDebriefHtml(debrief: Debrief, reportPath: ReportPath): string {
  const { day } = debrief;
  const title = `Debrief: ${day.name}`;
  const body = markup`
<main class="debrief">
${renderHeader(debrief)}
${renderFirst(debrief)}
${renderExpectations(debrief, reportPath)}
${renderSurprises(debrief)}
${renderDetection(debrief)}
${renderDays(debrief)}
${renderActions(debrief)}
${renderTimeline(debrief)}
<footer>${day.tool.name} ${day.tool.version}</footer>
</main>`;
  return htmlPage(title, body, { styles: DEBRIEF_STYLES });
}

function renderHeader(debrief: Debrief): Markup {
  const { day } = debrief;
  const { sign, tone, word, headline } = DAY_WORDS[day.verdict];
  return markup`
<header class="hero ${tone}">
  <div class="verdict">
    <p class="eyebrow">Game day debrief</p>
    <h1>${day.name}</h1>
    <p class="headline" title="verdict: ${word}"><span class="sign" aria-hidden="true">${sign}</span>${headline}</p>
    <p class="reason">${prose(day.reason)}</p>
  </div>
</header>
<p class="facts"><time datetime="${day.startedAt}">${dayAndTime(day.startedAt)}</time>${dayFacts(debrief).map(
    (fact) => markup`<span>${fact}</span>`,
  )}</p>`;
}

const MOST_FIRST = 4;

/** What a reader must know who reads no further. */
function renderFirst(debrief: Debrief): Markup {
  const { lessons } = debrief;
  const undone = actionRows(debrief).filter(({ status }) => status !== "closed");
  const first = undone.slice(0, MOST_FIRST);
  const rest = undone.length - first.length;
  return markup`
<div class="first">
  <section aria-labelledby="learned"><h2 id="learned">What we learned</h2>
    ${lessons.length === 0 ? markup`<p>Nothing.</p>` : markup`<ul>${lessons.map((lesson) => markup`<li>${told(lesson)}</li>`)}</ul>`}
  </section>
  <section aria-labelledby="change"><h2 id="change">What to change</h2>
    ${first.length === 0 ? markup`<p>Nothing that the day has shown.</p>` : markup`<ul>${first.map((row) => markup`<li>${row.status === "overdue" && markup`<strong>Overdue since ${row.due ?? ""}</strong>: `}${prose(row.what)}</li>`)}</ul>`}
    ${rest > 0 && markup`<p class="hint"><a href="#actions">${rest} more below</a></p>`}
  </section>
</div>`;
}

function told({ subject, text }: Statement): Markup {
  return markup`${subject === null ? null : markup`<strong>${subject}</strong>: `}${prose(text)}`;
}

function mark({ sign, word, tone }: VerdictWords): Markup {
  return markup`<span class="mark ${tone}"><span aria-hidden="true">${sign}</span> ${word}</span>`;
}

function table(label: string, head: readonly string[], rows: readonly Markup[], kind = ""): Markup {
  return markup`<div class="scroll" tabindex="0" role="region" aria-label="${label}, the table"><table class="glance stack ${kind}">
<thead><tr>${head.map((title) => markup`<th scope="col">${title}</th>`)}</tr></thead>
<tbody>${rows}</tbody></table></div>`;
}

function renderExpectations({ expectations }: Debrief, reportPath: ReportPath): Markup {
  const rows = expectations.map(
    (expectation) => markup`<tr><th scope="row">${expectation.scenario.file}</th>
<td data-label="Expected">${renderExpected(expectation)}</td>
<td data-label="Happened">${renderHappened(expectation, reportPath)}</td>
<td>${mark(EXPECTATION_WORDS[expectation.outcome])}</td></tr>`,
  );
  return markup`
<section aria-labelledby="expected"><h2 id="expected">Expected and happened</h2>
${table("Expected and happened", ["Scenario", "Expected", "Happened", "Expectation"], rows, "side-by-side")}
<p class="hint">${EXPECTED_NOTE}</p>
</section>`;
}

function renderExpected({ scenario: { expected } }: ExpectedOutcome): Markup {
  if (expected === null) return markup`<span class="quiet">Nothing was written down.</span>`;
  const { hypothesis, alert, runbook } = expected;
  return markup`${hypothesis === undefined ? null : markup`<p>${hypothesis}</p>`}${
    alert === undefined ? null : markup`<p class="quiet">Alert: ${alert} (not watched)</p>`
  }${runbook === undefined ? null : markup`<p class="quiet">Runbook: ${renderRunbook(runbook)}</p>`}`;
}

function renderRunbook(runbook: string): Markup {
  // A link of any other kind could run something.
  if (!isHttpUrl(runbook)) return markup`<code>${runbook}</code>`;
  return markup`<a href="${runbook}" rel="noopener noreferrer">${runbook}</a>`;
}

function renderHappened({ scenario }: ExpectedOutcome, reportPath: ReportPath): Markup {
  const { verdict, exitCode, folder, reason, faults = [] } = scenario;
  const link = folder === null ? null : markup` <a href="${reportPath(folder)}">report</a>`;
  const why = (text: string | null) => markup`<p class="quiet">${prose(text ?? "")}</p>`;
  const list = faults.map(
    (fault) =>
      markup`<li>${mark(wordsOfVerdict(fault.verdict, null))} ${fault.name}${fault.exempt === undefined ? null : why(exemptionText(fault.exempt))}${fault.verdict === "fail" ? why(fault.reason) : null}</li>`,
  );
  return markup`<p>${mark(wordsOfVerdict(verdict, exitCode))}${link}</p>${
    list.length > 0 ? markup`<ul class="plain">${list}</ul>` : verdict === "pass" ? null : why(reason)
  }`;
}

function renderSurprises({ surprises }: Debrief): Markup {
  const list = surprises.map((surprise) => markup`<li>${told(surpriseInWords(surprise))}</li>`);
  return markup`
<section aria-labelledby="surprises"><h2 id="surprises">What surprised</h2>
${list.length === 0 ? markup`<p class="box">Nothing: all came as it was expected, and nobody left a note.</p>` : markup`<ul class="findings box">${list}</ul>`}
</section>`;
}

function renderDetection({ detected }: Debrief): Markup | null {
  if (detected.length === 0) return null;
  const rows = detected.map((one) => {
    const { slo, alert, person, further, recovery } = detectionCells(one);
    return markup`<tr><th scope="row">${one.fault.name}<br><small>${one.scenario.file}</small></th>
<td data-label="by SLO">${slo}</td><td data-label="by alert">${alert}</td><td data-label="by a person">${person}${further !== "" && markup`<p class="quiet">${further}</p>`}</td><td data-label="back after">${recovery}</td></tr>`;
  });
  return markup`
<section aria-labelledby="detection"><h2 id="detection">Time to detect</h2>
${table("Time to detect", ["Fault", "By SLO", "By alert", "By a person", "Back after"], rows)}
<p class="hint">${ALERT_NOTE}</p>
</section>`;
}

function renderDays(debrief: Debrief): Markup {
  const rows = dayRows(debrief);
  const { scenarios } = debrief.day;
  if (rows.length === 1) {
    return markup`
<section aria-labelledby="days"><h2 id="days">Against earlier days</h2><p class="box">There is no earlier day of this name here.</p></section>`;
  }
  const lines = rows.map(
    ({ when, verdict, score, scenarios: marks, page, isToday }) => markup`<tr><th scope="row">${
      page === null ? when : markup`<a href="${page}">${when}</a>`
    }${isToday && markup` <small>this day</small>`}</th>
<td>${mark(DAY_WORDS[verdict])}</td><td data-label="score">${score}</td>${marks.map(
      (words, index) =>
        markup`<td data-label="${scenarios[index]?.file ?? ""}">${words === null ? "–" : mark(words)}</td>`,
    )}</tr>`,
  );
  return markup`
<section aria-labelledby="days"><h2 id="days">Against earlier days</h2>
${table("Against earlier days", ["Day", "Verdict", "Score", ...scenarios.map(({ file }) => file)], lines)}
</section>`;
}

function renderActions(debrief: Debrief): Markup | null {
  const all = actionRows(debrief);
  if (all.length === 0) return null;
  const rows = all.map(
    ({ what, about, owner, due, ticket, status }) => markup`<tr><th scope="row">${prose(what)}</th>
<td data-label="about">${about ?? "–"}</td><td data-label="owner">${owner ?? "–"}</td><td data-label="due">${due ?? "–"}</td><td data-label="ticket">${ticket ?? "–"}</td><td>${mark(STATUS_WORDS[status])}</td></tr>`,
  );
  return markup`
<section aria-labelledby="actions"><h2 id="actions">Action items</h2>
${table("Action items", ["What", "About", "Owner", "Due", "Ticket", "Status"], rows)}
${debrief.found.length > 0 && markup`<p class="hint">What is new stands in actions.proposed.yaml as well, to be copied into the team's actions.yaml.</p>`}
</section>`;
}

function renderTimeline({ timeline }: Debrief): Markup {
  return markup`
<section aria-labelledby="timeline"><h2 id="timeline">Timeline</h2>
<ol class="events box">${timeline.map(
    ({ atMs, kind, text }) =>
      markup`<li class="${kind}"><span><time datetime="${new Date(atMs).toISOString()}">${clockOf(atMs)}</time></span><span>${kind === "slo" ? "SLO" : kind}</span><span>${prose(text)}</span></li>`,
  )}</ol>
<p class="hint">Times are UTC.</p>
</section>`;
}
