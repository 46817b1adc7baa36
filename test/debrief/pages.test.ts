import { expect, test } from "vitest";
import { debriefOf } from "../../src/debrief/facts/debrief.js";
import { renderDebriefHtml } from "../../src/debrief/shown/debrief-html.js";
import { renderDebriefMarkdown } from "../../src/debrief/shown/debrief-markdown.js";
import { at, aWeekBefore, dayReport, faultOfDay, responseOf, scenarioOfDay } from "../helpers/days.js";
import { HOSTILE } from "../helpers/saved-runs.js";

const reportPath = (folder: string) => `${folder}/report.html`;

function pagesOf(day: ReturnType<typeof dayReport>) {
  const debrief = debriefOf(day, [{ day: aWeekBefore(day), page: "../before/debrief.html" }]);
  return { html: renderDebriefHtml(debrief, reportPath), text: renderDebriefMarkdown(debrief, reportPath) };
}

test("both pages say what was learned before anything else, and link to reports and to the day before", () => {
  const expected = { hypothesis: "orders go on", alert: "HighLatency", runbook: "https://wiki.test/cache" };
  const response = responseOf("cache cut off", {
    detected: { afterS: 4, by: "alice" },
    theories: [{ afterS: 6, by: "bob", text: "the database", isRight: false }],
  });
  const { html, text } = pagesOf(
    dayReport({
      scenarios: [scenarioOfDay({ faults: [faultOfDay()], responses: [response], expected })],
      roles: { coordinator: "@sre" },
      notes: [{ at: at(24), by: "alice", text: "queue grows" }],
    }),
  );
  for (const page of [html, text]) {
    for (const said of [
      "orders go on",
      "HighLatency: not watched",
      "alice",
      "coordinator",
      "not as expected",
      "../before/debrief.html",
      "20261127-100010-cache/report.html",
    ]) {
      expect(page).toContain(said);
    }
    const order = [
      "What we learned",
      "What to change",
      "Expected and happened",
      "What surprised",
      "Time to detect",
      "Against earlier days",
      "Timeline",
    ];
    const places = order.map((title) => page.indexOf(title));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places[0]).toBeGreaterThan(0);
  }
  expect(html).toContain('href="https://wiki.test/cache"');
  expect(html).toContain("4 s, alice (last time: 4 s, alice)");
  expect(html).toContain("not found, 1 wrong theory");
});

test("both pages say why a fault failed and why a scenario could not be run", () => {
  const notRun = scenarioOfDay({
    file: "other.yaml",
    faults: [],
    exitCode: 4,
    reason: "the target cannot be reached",
    folder: null,
  });
  const scenarios = [
    scenarioOfDay({ faults: [faultOfDay({ reason: "Too few good answers." })] }),
    { ...notRun, verdict: null },
  ];
  const { html, text } = pagesOf(dayReport({ scenarios }));
  const happened = (page: string) =>
    page.slice(page.indexOf("Expected and happened"), page.indexOf("What surprised"));
  for (const page of [html, text]) {
    expect(happened(page)).toMatch(/cache cut off.*Too few good answers\./);
    expect(happened(page)).toContain("the target cannot be reached");
  }
});

test("whatever names and notes hold stays text; a runbook is a link only to a page", () => {
  const scenario = scenarioOfDay({
    file: HOSTILE,
    name: HOSTILE,
    reason: HOSTILE,
    faults: [
      faultOfDay({
        name: HOSTILE,
        reason: HOSTILE,
        description: HOSTILE,
        findings: [{ id: "adapted", facts: {}, text: HOSTILE }],
      }),
    ],
    expected: { hypothesis: HOSTILE, alert: HOSTILE, runbook: "javascript:alert(1)" },
  });
  const { html, text } = pagesOf(
    dayReport({
      name: HOSTILE,
      owner: HOSTILE,
      reason: HOSTILE,
      roles: { observers: HOSTILE },
      scenarios: [scenario],
      notes: [{ at: at(24), by: HOSTILE, text: HOSTILE }],
      halt: { by: HOSTILE, reason: HOSTILE, at: at(30) },
    }),
  );
  expect(html).not.toContain("<img");
  expect(html).not.toContain("</script>");
  expect(html).not.toContain('href="javascript:');
  for (const control of ["\u0007", "\u001b", "\u202e"]) expect(html + text).not.toContain(control);
  expect(text).not.toContain("<img");
  for (const line of text.split("\n").filter((one) => one.startsWith("| "))) {
    expect(line.match(/(?<!\\)\|/g)?.length, line).toBeGreaterThanOrEqual(5);
  }
});

test("the page asks no host for anything", () => {
  const { html } = pagesOf(dayReport());
  expect(html).toContain("default-src 'none'");
  expect(html).not.toMatch(/(?:src|href)="https?:/);
});
