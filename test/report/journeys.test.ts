import { expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.js";
import { compareRuns } from "../../src/analysis/compare/compare-runs.js";
import { decidability } from "../../src/analysis/decidability.js";
import type { RunRecord } from "../../src/measure/record.js";
import { dryRunText } from "../../src/plan/dry-run-text.js";
import { REPORTERS } from "../../src/report/registry.js";
import { renderTerminal } from "../../src/report/terminal/terminal.js";
import { buildRecord } from "../helpers/record-builder.js";
import { checkText } from "../helpers/scenario-files.js";

/** Five journeys a second, each of a login and two orders: 15 requests a second. */
function journeys(more: Partial<RunRecord["load"]> = {}): RunRecord {
  const record = buildRecord({
    requests: ["login", "order", "order"],
    slos: ["availability(login) >= 99.9%"],
    ratePerS: 15,
    profile: { startValue: 5, stages: [] },
    phases: [
      { kind: "baseline", seconds: 40 },
      { kind: "fault", fault: "slow", seconds: 40 },
    ],
  });
  return { ...record, load: { ...record.load, unit: "journeys", ...more } };
}

test("the head of every report for people says journeys where the load counts them", () => {
  const record = journeys();
  const report = analyse(record);
  const texts = ["markdown", "html"].map((name) =>
    String(REPORTERS.find((reporter) => reporter.name === name)?.render({ report, record })),
  );
  for (const text of [...texts, renderTerminal(report, record, { columns: 100, color: false })]) {
    expect(text).toContain("5 journeys/s, open model");
  }
  const requests = journeys({ unit: undefined });
  expect(renderTerminal(analyse(requests), requests, { columns: 100, color: false })).toContain(
    " 5/s, open model",
  );
});

test("a rate that would do is one of the load, not of the requests that the SLO counts", () => {
  const [login] = analyse(journeys()).baseline.slos;
  // 20,600 logins would be needed in 40 s; there is one in each journey, of which 5 a second begin.
  expect(login?.reason).toMatch(/: use rate: 4\d\d\/s, or [\d,]+ s at 5\/s\.$/);
});

test("two loads that count something else are another test", () => {
  const [before, after] = [journeys({ unit: undefined }), journeys()].map((record) => analyse(record));
  expect(compareRuns(before!, after!).mismatches.join()).toMatch(
    /load model: 5\/s.* before, 5 journeys\/s.* now/,
  );
});

test("a plan says journeys, and which rate of them would decide an SLO", async () => {
  const steps = "[{ name: login, path: /a }, { name: order, path: /b }]";
  const text = `
faultline: 1
name: Journeys
load: { target: "http://127.0.0.1:3000", rate: 5/s, journeys: [{ name: buy, steps: ${steps} }] }
slos: [availability >= 99%]
`;
  const { plan } = await checkText(text);
  expect(dryRunText(plan!)).toContain("Load on http://127.0.0.1:3000: 5 journeys/s, evenly spaced");
  // 2,042 requests in 30 s are 68 a second, and 34 journeys.
  expect(decidability(plan!)[0]?.sentence).toMatch(/use rate: 35\/s, or \d+ s at 5\/s\.$/);
});
