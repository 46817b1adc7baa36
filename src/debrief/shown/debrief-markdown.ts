import { markdown, markdownCode } from "../../report/escape.js";
import type { VerdictWords } from "../../report/shown/verdict-words.js";
import type { Debrief } from "../facts/debrief.js";
import type { ExpectedOutcome } from "../facts/expectations.js";
import { actionRows, STATUS_WORDS } from "./action-rows.js";
import { DAY_WORDS, EXPECTATION_WORDS, wordsOfVerdict } from "./day-words.js";
import type { ReportPath } from "./debrief-html.js";
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

/** debrief.md has the same content for a ticket, a wiki or a pull request. */
export function renderDebriefMarkdown(debrief: Debrief, reportPath: ReportPath): string {
  const { day } = debrief;
  const facts = [dayAndTime(day.startedAt), ...dayFacts(debrief)].join(" · ");
  return [
    `# ${mark(DAY_WORDS[day.verdict])}: ${markdown(day.name)}`,
    "",
    markdown(day.reason),
    "",
    `<sub>${markdown(facts)}</sub>`,
    ...section("What we learned", debrief.lessons.map(told), "Nothing."),
    ...section(
      "What to change",
      actionRows(debrief)
        .filter(({ status }) => status !== "closed")
        .map(({ what, due, status }) =>
          status === "overdue" ? `**Overdue since ${due ?? ""}**: ${markdown(what)}` : markdown(what),
        ),
      "Nothing that the day has shown.",
    ),
    ...expectations(debrief, reportPath),
    ...section(
      "What surprised",
      debrief.surprises.map((surprise) => told(surpriseInWords(surprise))),
      "Nothing: all came as it was expected, and nobody left a note.",
    ),
    ...detection(debrief),
    ...days(debrief),
    ...actions(debrief),
    ...section(
      "Timeline",
      debrief.timeline.map(
        ({ atMs, kind, text }) => `${clockOf(atMs)} ${kind === "slo" ? "SLO" : kind}: ${markdown(text)}`,
      ),
      "",
    ),
    "",
    "<sub>Times are UTC.</sub>",
    "",
  ].join("\n");
}

function section(title: string, items: readonly string[], otherwise: string): string[] {
  return ["", `## ${title}`, "", ...(items.length === 0 ? [otherwise] : items.map((item) => `- ${item}`))];
}

function told({ subject, text }: Statement): string {
  return subject === null ? markdown(text) : `**${markdown(subject)}**: ${markdown(text)}`;
}

function mark({ sign, word }: VerdictWords): string {
  return `${sign} ${word}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [head, head.map(() => ":--"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
}

function expectations({ expectations }: Debrief, reportPath: ReportPath): string[] {
  const rows = expectations.map((expectation) => {
    const { scenario, outcome } = expectation;
    const { verdict, exitCode, folder, reason, faults = [] } = scenario;
    const isTold = faults.length > 0 || verdict === "pass" || reason === null;
    const link = folder === null ? "" : ` ([report](<${reportPath(folder)}>))`;
    const happened = [
      `${mark(wordsOfVerdict(verdict, exitCode))}${link}${isTold ? "" : `: ${markdown(reason)}`}`,
      ...faults.map((fault) => {
        const exempt = fault.exempt === undefined ? "" : ` (${exemptionText(fault.exempt)})`;
        const why = fault.verdict === "fail" ? `: ${fault.reason}` : "";
        return `${mark(wordsOfVerdict(fault.verdict, null))}: ${markdown(`${fault.name}${exempt}${why}`)}`;
      }),
    ].join("<br>");
    return [markdown(scenario.file), expected(expectation), happened, mark(EXPECTATION_WORDS[outcome])];
  });
  const head = ["Scenario", "Expected", "Happened", "Expectation"];
  return ["", "## Expected and happened", "", ...table(head, rows), "", `<sub>${EXPECTED_NOTE}</sub>`];
}

function expected({ scenario }: ExpectedOutcome): string {
  if (scenario.expected === null) return "Nothing was written down.";
  const { hypothesis, alert, runbook } = scenario.expected;
  return [
    ...(hypothesis === undefined ? [] : [markdown(hypothesis)]),
    ...(alert === undefined ? [] : [`Alert: ${markdown(alert)} (not watched)`]),
    ...(runbook === undefined ? [] : [`Runbook: ${markdownCode(runbook)}`]),
  ].join("<br>");
}

function detection({ detected }: Debrief): string[] {
  if (detected.length === 0) return [];
  const rows = detected.map((one) => {
    const { slo, alert, person, further, recovery } = detectionCells(one);
    const people = further === "" ? person : `${person}; ${further}`;
    return [`${one.fault.name} (${one.scenario.file})`, slo, alert, people, recovery].map(markdown);
  });
  const head = ["Fault", "By SLO", "By alert", "By a person", "Back after"];
  return ["", "## Time to detect", "", ...table(head, rows), "", `<sub>${ALERT_NOTE}</sub>`];
}

function days(debrief: Debrief): string[] {
  const all = dayRows(debrief);
  const title = ["", "## Against earlier days", ""];
  if (all.length === 1) return [...title, "There is no earlier day of this name here."];
  const rows = all.map(({ when, verdict, score, scenarios, page, isToday }) => [
    page === null ? `${when}${isToday ? " (this day)" : ""}` : `[${when}](<${page}>)`,
    mark(DAY_WORDS[verdict]),
    score,
    ...scenarios.map((words) => (words === null ? "–" : mark(words))),
  ]);
  const files = debrief.day.scenarios.map(({ file }) => markdown(file));
  return [...title, ...table(["Day", "Verdict", "Score", ...files], rows)];
}

function actions(debrief: Debrief): string[] {
  const all = actionRows(debrief);
  if (all.length === 0) return [];
  const rows = all.map(({ what, about, owner, due, ticket, status }) => [
    ...[what, about, owner, due, ticket].map((text) => markdown(text ?? "")),
    mark(STATUS_WORDS[status]),
  ]);
  const head = ["What", "About", "Owner", "Due", "Ticket", "Status"];
  return ["", "## Action items", "", ...table(head, rows)];
}
