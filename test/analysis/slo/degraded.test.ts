import { describe, expect, it } from "vitest";
import { analyse } from "../../../src/analysis/analyse.js";
import { joinedPhases } from "../../../src/analysis/measurement/joined-phases.js";
import { settledPart } from "../../../src/analysis/measurement/settled-part.js";
import { slosForRecord } from "../../../src/analysis/slo/slos-for-record.js";
import { parseRecord } from "../../../src/measure/read-record.js";
import type { RequestSeries, RunRecord } from "../../../src/measure/record.js";
import { RecordedTimes } from "../../../src/measure/recorded-times.js";
import { buildRecord } from "../../helpers/record-builder.js";

const FAULT = "slow cache";
const SECONDS = 40;

type ShareAt = (second: number) => number;

/** Of the `ok` answers of a second, this share says that it is a fallback. */
function told(series: RequestSeries, share: ShareAt): RequestSeries {
  const degraded = series.outcomes.ok.map((ok, second) => Math.round(ok * share(second)));
  const count = degraded.reduce((sum, each) => sum + each, 0);
  // All of them took 3 ms.
  const times = new RecordedTimes(count > 0 ? { cells: [2512], counts: [count] } : { cells: [], counts: [] });
  return { ...series, degraded, histograms: { ...series.histograms, degraded: times } };
}

/** Answers by status, all of them good. */
function answered(record: RunRecord, kind: string, statuses: Readonly<Record<string, number>>): RunRecord {
  const of = (series: RequestSeries) => ({
    ...series,
    statuses: Object.fromEntries(
      Object.entries(statuses).map(([status, answers]) => [status, { answers, ok: answers }]),
    ),
  });
  const phases = record.phases.map((phase) =>
    phase.kind === kind ? { ...phase, requests: phase.requests.map(of) } : phase,
  );
  return { ...record, phases };
}

interface Shares {
  readonly baseline?: ShareAt;
  readonly fault?: ShareAt;
  readonly recovery?: ShareAt;
}

function run(slos: readonly string[], shares: Shares, requests = ["stock"]): RunRecord {
  const record = buildRecord({
    slos: [...slos],
    ratePerS: 100,
    requests,
    phases: [
      { kind: "baseline", seconds: SECONDS },
      { kind: "fault", fault: FAULT, seconds: SECONDS },
      { kind: "recovery", fault: FAULT, seconds: SECONDS },
    ],
  });
  const phases = record.phases.map((phase) => {
    const share = (phase.kind === "warmup" ? undefined : shares[phase.kind]) ?? (() => 0);
    const of = (series: RequestSeries) =>
      series.request === null || series.request === "stock" ? told(series, share) : series;
    return { ...phase, all: of(phase.all), requests: phase.requests.map(of) };
  });
  return parseRecord(JSON.stringify({ ...record, phases }), "record.json");
}

const verdicts = (record: RunRecord) =>
  analyse(record).faults[0]?.slos.map(({ expect: slo, phase, verdict }) => [slo, phase, verdict]);

describe("answers that are a fallback", () => {
  it("are no status that nobody expected, and stand in the headline when they are most of the answers", () => {
    const record = answered(run(["availability >= 99%"], { fault: () => 1 }), "baseline", { "201": 4000 });
    const report = analyse(answered(record, "fault", { "202": 4000 }));
    expect(report.reason).toContain(`In "${FAULT}": All requests got a degraded answer.`);
    expect(report.faults[0]?.newStatuses).toEqual([]);
    expect(report.faults[0]?.findingIds?.[0]).toBe("degraded");
    // More answers have the new status than are a fallback.
    const others = answered(run(["availability >= 99%"], { fault: () => 0.4 }), "baseline", { "201": 4000 });
    expect(analyse(answered(others, "fault", { "202": 4000 })).reason).toContain(
      "All answers had status 202, which the baseline never showed.",
    );
  });

  it("are judged as a share of the requests, and cost nothing of the availability", () => {
    const record = run(
      ["degraded < 5%", "degraded(stock) < 50%", "degraded < 1% in recovery", "availability >= 99%"],
      { fault: () => 0.2 },
    );
    expect(verdicts(record)).toEqual([
      ["degraded < 5%", "fault", "fail"],
      ["degraded(stock) < 50%", "fault", "pass"],
      ["degraded < 1% in recovery", "recovery", "pass"],
      ["availability >= 99%", "fault", "pass"],
    ]);
    const [fault] = analyse(record).faults;
    expect(fault?.slos[0]).toMatchObject({
      observed: 0.2,
      baseline: 0,
      after: 0,
      unit: "ratio",
      counts: { bad: 800, total: 4000, budget: 0.05 },
      reason: "800 of 4,000 requests (20%) were degraded; 5% may be.",
    });
    expect(fault?.findings[0]).toMatch(
      /^800 of 4,000 requests \(20%\) got a degraded answer, none in the baseline; half of these came within 2\.98 ms, 99% within 2\.98 ms\.$/,
    );
    expect(fault?.findings.join(" ")).not.toContain("Callers noticed nothing");
    // The promise on good answers is what the month is promised.
    expect(fault?.errorBudget?.slo).toBe("availability >= 99%");
  });

  it("are judged against the baseline, and in windows", () => {
    const shares = { baseline: () => 0.02, fault: (second: number) => (second < 5 ? 0.5 : 0.02) };
    expect(
      verdicts(run(["degraded < baseline + 1%", "degraded < 30% for 5s", "degraded < 90% for 5s"], shares)),
    ).toEqual([
      ["degraded < baseline + 1%", "fault", "fail"],
      ["degraded < 30% for 5s", "fault", "fail"],
      ["degraded < 90% for 5s", "fault", "pass"],
    ]);
  });

  it("keep a system from being back where the scenario promises few of them", () => {
    const shares: Shares = { fault: () => 0.3, recovery: (second) => (second < 12 ? 0.3 : 0) };
    const [fault] = analyse(run(["degraded < 5%", "recovery < 5s"], shares)).faults;
    expect(fault?.recovery.seconds).toBe(12);
    expect(fault?.detection.seconds).toBe(1);
  });

  it("stand in each phase of the report with how quick they were, where the request tells them", () => {
    const { phases } = analyse(run(["degraded < 50%"], { fault: () => 0.2 }, ["stock", "other"]));
    const fault = phases.find(({ kind }) => kind === "fault");
    expect(fault?.degraded).toMatchObject({ share: 0.2, latencyMs: { p50: expect.closeTo(3, 1) } });
    expect(fault?.perRequest.find(({ name }) => name === "stock")?.degraded?.share).toBeCloseTo(0.2, 1);
    expect(fault?.perRequest.find(({ name }) => name === "other")).not.toHaveProperty("degraded");
    const baseline = phases.find(({ kind }) => kind === "baseline");
    expect(baseline?.degraded).toMatchObject({ answers: 0, share: 0, latencyMs: { p50: null } });
  });

  it("are invalid, and refused of a saved record, where nobody counted them", () => {
    const record = buildRecord({
      slos: ["degraded < 5%"],
      phases: [
        { kind: "baseline", seconds: SECONDS },
        { kind: "fault", fault: FAULT, seconds: SECONDS },
      ],
    });
    expect(analyse(record).faults[0]?.slos[0]).toMatchObject({
      verdict: "invalid",
      reason: "How many were degraded was not counted in this run.",
    });
    expect(() => slosForRecord(["degraded < 5%"], record)).toThrow(
      /which answers were degraded was not counted/,
    );
    expect(slosForRecord(["degraded < 5%"], run([], {}))).toHaveLength(1);
  });

  it("do not decide where the generator could not send", () => {
    const record = run(["degraded < 5%"], { fault: () => 0.2 });
    const lost = record.phases.map((phase) => ({ ...phase, lost: "a load thread died" }));
    expect(analyse({ ...record, phases: lost }).faults[0]?.slos[0]?.verdict).toBe("invalid");
  });
});

describe("a record with them", () => {
  it("is refused where there are more of them than answers, and where a second is missing", () => {
    const text = JSON.stringify(run([], { fault: () => 0.2 }));
    const edit = (change: (series: { degraded: number[] }) => void) => {
      const copy = JSON.parse(text);
      change(copy.phases[1].all);
      return () => parseRecord(JSON.stringify(copy), "record.json");
    };
    expect(edit((series) => series.degraded.splice(3, 1, 5000))).toThrow(
      /more answers were degraded than there were/,
    );
    expect(edit((series) => series.degraded.pop())).toThrow(/"degraded" has 39 seconds/);
  });

  it("keeps their seconds when phases are joined or cut", () => {
    const [, fault, recovery] = run([], { fault: () => 0.5, recovery: () => 0 }).phases;
    if (!fault || !recovery) throw new Error("no phases");
    const { all } = joinedPhases(fault, 38, recovery);
    expect(all.degraded).toEqual([50, 50, ...Array.from({ length: SECONDS }, () => 0)]);
    expect(all.degraded).toHaveLength(all.scheduled.length);
    const cut = settledPart({ ...fault, durationS: 10 });
    expect(cut.all.degraded).toHaveLength(cut.all.scheduled.length);
  });
});
