import { describe, expect, test } from "vitest";
import { analyse } from "../../../src/analysis/analyse.js";
import type { Profile } from "../../../src/plan/load-plan.js";
import { buildRecord, type PhaseSketch, type RunSketch } from "../../helpers/record-builder.js";

/** 40 s of baseline, then 40 s of the fault with a median of 300 ms, while the load goes to `to` within 10 s. */
function run(to: number, during: Partial<PhaseSketch> = {}, more: Partial<RunSketch> = {}) {
  const profile: Profile = {
    startValue: 100,
    stages: [
      { kind: "step", durationMs: 40_000, to: 100 },
      { kind: "ramp", durationMs: 10_000, to },
    ],
  };
  const record = buildRecord({
    slos: ["p99 < 400ms", "availability >= 99%"],
    profile,
    phases: [
      { kind: "baseline", seconds: 40 },
      { kind: "fault", fault: "slow", seconds: 40, medianMs: 300, ratePerS: to, ...during },
      { kind: "recovery", fault: "slow", seconds: 40, ratePerS: to },
    ],
    ...more,
  });
  return { record, report: analyse(record), fault: analyse(record).faults[0]! };
}

const DIFFERED =
  "The load differed (on average 100/s in the baseline and 275/s under the fault), so what changed may be its doing and not the fault's.";

describe("a load that was another one under the fault", () => {
  test("is said first, and where something broke in the headline", () => {
    const { report, fault } = run(300);
    expect(fault.findings[0]).toBe(DIFFERED);
    expect(fault.reason).toMatch(/^p99 rose from .* promised < 400 ms\..*fault's\.$/);
    expect(report.reason).toContain(DIFFERED);
  });

  test("is laid to the fault in no comparison", () => {
    const [p99] = run(300).fault.comparison;
    expect(p99).toMatchObject({ degraded: false });
    expect(p99?.sentence).toMatch(
      /^Not comparable, as the load differed \(100\/s in the baseline and 275\/s under the fault\): [\d.]+% bad during the fault/,
    );
    expect(run(100).fault.comparison[0]).toMatchObject({ degraded: true });
  });

  test("and fell explains fewer good answers", () => {
    expect(run(30).fault.findings.join()).not.toContain("Good answers fell");
    expect(run(100, { bad: { reset: 0.5 } }).fault.findings.join()).toContain("Good answers fell");
  });

  test("is none within a fifth", () => {
    const { fault } = run(118);
    expect([fault.reason, ...fault.findings].join()).not.toContain("load");
  });

  test("counts connections in the closed model", () => {
    const { record } = run(300);
    const { model } = record.load;
    const closed = {
      ...record,
      load: {
        ...record.load,
        model: { kind: "closed" as const, profile: model.profile, thinkTimeMs: 0 },
      },
    };
    expect(analyse(closed).faults[0]?.findings[0]).toContain(
      "100 connections in the baseline and 275 connections under the fault",
    );
  });
});

test("failures that end as the load falls are no adaptation", () => {
  const failing = { medianMs: 8, at: (s: number) => (s < 6 ? { bad: { timeout: 0.5 } } : {}) };
  expect(run(20, failing).fault.findings.join()).toMatch(
    /No more failures after second 6, although .*; but the load changed, from \d+\/s on average to \d+(\.\d+)?\/s\./,
  );
  expect(run(100, failing).fault.findings.join()).toContain("the system adapted to it.");
});

test("a search under a load that rises says that its edge may be the load's", () => {
  const { record } = run(300);
  const [before, , after] = record.phases;
  const trials = [0, 1].map((trial) => ({
    ...record.phases[1]!,
    id: `trial-${trial}`,
    startS: 20 + 40 * trial,
  }));
  const search = {
    proxy: "inventory",
    attribute: "latency",
    unit: "ms",
    until: "p99 < 400ms",
    holdsUpTo: 100,
    breaksAt: 200,
    trials: trials.map(({ id }, index) => ({
      value: 200 - 100 * index,
      phase: id,
      verdict: index ? "pass" : "fail",
    })),
  };
  const searched = {
    ...record,
    phases: [before!, ...trials, after!],
    faults: record.faults.map((fault) => ({ ...fault, search })),
  };
  expect(analyse(searched).faults[0]?.findings.at(-1)).toMatch(/^The load differed from trial to trial/);
});
