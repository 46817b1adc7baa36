import { expect, test } from "vitest";
import { analyse } from "../../../src/analysis/analyse.js";
import { baselineHealthy } from "../../../src/analysis/interim-judging.js";
import { findingsBesideReason } from "../../../src/report/shown/fault-in-words.js";
import { buildRecord, type PhaseSketch } from "../../helpers/record-builder.js";

const FAULT = "sessions gone";

/** 40 s of each phase at 100/s; by default every answer is a 200. */
function run(during: Partial<PhaseSketch>, before: Partial<PhaseSketch> = {}) {
  const good = { browse: { "200": { answers: 4000, ok: 4000 } } };
  return buildRecord({
    slos: ["availability >= 99%"],
    phases: [
      { kind: "baseline", seconds: 40, statusesOf: good, ...before },
      { kind: "fault", fault: FAULT, seconds: 40, statusesOf: good, ...during },
      { kind: "recovery", fault: FAULT, seconds: 40, statusesOf: good },
    ],
  });
}

test("a pass in which everybody was sent elsewhere says so first, in the headline and in a finding", () => {
  const report = analyse(run({ statusesOf: { browse: { "302": { answers: 4000, ok: 4000 } } } }));
  expect(report.verdict).toBe("pass");
  expect(report.reason).toContain(
    `In "${FAULT}": All answers had status 302, which the baseline never showed.`,
  );
  const [fault] = report.faults;
  expect(fault?.newStatuses).toEqual([{ status: 302, answers: 4000, ok: 4000, of: 4000 }]);
  expect(fault?.findingIds?.[0]).toBe("new_status");
  expect(fault?.findings[0]).toBe(
    "4,000 of 4,000 answers (100%) had status 302, which the baseline never showed; the scenario counts it as good.",
  );
  // The reason says it: beside it the finding is not said again.
  expect(findingsBesideReason(fault!)).not.toContain(fault?.findings[0]);
});

test("a new status of few answers is a finding and no headline", () => {
  const statuses = { "200": { answers: 3990, ok: 3990 }, "206": { answers: 10, ok: 10 } };
  const report = analyse(run({ statusesOf: { browse: statuses } }));
  expect(report.reason).not.toContain("206");
  expect(report.faults[0]?.findings[0]).toContain("10 of 4,000 answers (0.25%) had status 206");
});

test("a status that another request always had is new where this one never had it", () => {
  const before = { login: { "302": { answers: 9, ok: 9 } }, browse: { "200": { answers: 9, ok: 9 } } };
  const during = { login: { "302": { answers: 9, ok: 9 } }, browse: { "302": { answers: 9, ok: 9 } } };
  const record = buildRecord({
    requests: ["login", "browse"],
    slos: ["availability >= 99%"],
    phases: [
      { kind: "baseline", seconds: 40, statusesOf: before },
      { kind: "fault", fault: FAULT, seconds: 40, statusesOf: during },
    ],
  });
  expect(analyse(record).faults[0]?.newStatuses).toEqual([{ status: 302, answers: 9, ok: 9, of: 18 }]);
});

test("nothing is new where the baseline's statuses are not known, as in older records", () => {
  const [fault] = analyse(run({}, { statusesOf: {} })).faults;
  expect(fault?.newStatuses).toEqual([]);
  expect(fault?.findingIds).not.toContain("new_status");
});

test("a new status that most requests failed by stands in the sentence on failures, once", () => {
  const reason = "status 503";
  const report = analyse(
    run({
      bad: { http_error: 1 },
      statusesOf: { browse: { "503": { answers: 4000, ok: 0 } } },
      reasons: { [reason]: 4000 },
      samples: [{ reason, request: "browse", status: 503, body: "" }],
    }),
  );
  const [fault] = report.faults;
  expect(fault?.findings.filter((finding) => finding.includes("which the baseline never showed"))).toEqual([
    'All 4,000 requests failed: answers with an error; most often "status 503", which the baseline never showed.',
  ]);
  expect(report.reason).toContain("All answers had status 503, which the baseline never showed.");
});

test("a baseline of redirects says what to write instead, when it ends and in the report", () => {
  const reason = "status 302, expected 2xx or 304";
  const record = run(
    {},
    {
      bad: { http_error: 1 },
      statusesOf: { browse: { "302": { answers: 4000, ok: 0 } } },
      reasons: { [reason]: 4000 },
    },
  );
  const advice = /redirects \(status 302\).*request the path.*`follow: 5`.*`expect: \{ status: 3xx \}`/;
  expect(analyse(record).reason).toMatch(advice);
  const health = baselineHealthy(record.phases[0]!, record.slos, {
    evidence: "interval",
    model: "open",
    timeoutMs: 1000,
    plannedPhases: record.plannedPhases,
  });
  expect(health.healthy).toBe(false);
  expect(health.reason).toMatch(advice);
});

test("a status of gRPC has its name beside its number", () => {
  const ok = { browse: { "0": { answers: 4000, ok: 4000 } } };
  const report = analyse(
    run(
      { bad: { http_error: 1 }, statusesOf: { browse: { "14": { answers: 4000, ok: 0 } } } },
      { statusesOf: ok },
    ),
  );
  expect(report.reason).toContain(
    "All answers had status 14 (UNAVAILABLE), which the baseline never showed.",
  );
});
