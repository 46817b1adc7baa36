import { describe, expect, test } from "vitest";
import { analyse } from "../../../src/analysis/analyse.js";
import { baselineHealthy } from "../../../src/analysis/interim-judging.js";
import { joinedPhases } from "../../../src/analysis/measurement/joined-phases.js";
import { distrust } from "../../../src/analysis/measurement/validity.js";
import type { PhaseRecord, RequestSeries, RunRecord } from "../../../src/measure/record.js";
import { buildRecord, type PhaseSketch } from "../../helpers/record-builder.js";

const SECONDS = 60;

/** From this second on, a third of what is due comes from a worker that is gone. */
function withoutWorker(phase: PhaseRecord, fromS: number): PhaseRecord {
  const due = phase.all.scheduled.map((count, at) => (at < fromS ? 0 : count / 2));
  const lost = (series: RequestSeries): RequestSeries => ({
    ...series,
    scheduled: series.scheduled.map((count, at) => count + due[at]!),
    outcomes: { ...series.outcomes, unsent: series.outcomes.unsent.map((count, at) => count + due[at]!) },
    unsentByGenerator: series.unsentByGenerator.map((count, at) => count + due[at]!),
  });
  return {
    ...phase,
    all: lost(phase.all),
    requests: phase.requests.map(lost),
    lostWorkers: [{ worker: "b", fromS, due }],
  };
}

/** A run whose fault lost a worker from its 20th second on. */
function run(
  fault: Partial<PhaseSketch>,
  slos: readonly string[],
  model: "open" | "closed" = "open",
): RunRecord {
  const record = buildRecord({
    ratePerS: 100,
    slos: [...slos],
    phases: [
      { kind: "baseline", seconds: SECONDS, medianMs: 20 },
      { kind: "fault", fault: "slow cache", seconds: SECONDS, medianMs: 20, ...fault },
      { kind: "recovery", fault: "slow cache", seconds: SECONDS, medianMs: 20 },
    ],
  });
  expect(model).toBe("open");
  const phases = record.phases.map((phase) =>
    phase.kind === "baseline" ? phase : withoutWorker(phase, phase.kind === "fault" ? 20 : 0),
  );
  return { ...record, phases };
}

function inFault(record: RunRecord, expected: string) {
  const row = analyse(record).faults[0]?.slos.find(
    ({ expect: text, phase }) => text === expected && phase === "fault",
  );
  if (!row) throw new Error(`no line for ${expected}`);
  return row;
}

describe("a worker that was lost", () => {
  test("leaves a pass open, as less was asked than planned, and says how much", () => {
    const slos = ["p99 < 400ms", "availability >= 99%", "throughput >= 90/s"];
    for (const slo of slos) {
      const row = inFault(run({}, slos), slo);
      expect(row).toMatchObject({ verdict: "inconclusive" });
      expect(row.reason).toMatch(
        /^Worker b was lost, so 25\s?% of what was due \(2,000 of 8,000 requests\) was not offered/,
      );
    }
  });

  test("keeps a fail that what was offered shows, whether answers were wrong or slow", () => {
    const slos = ["p90 < 400ms", "availability >= 99%"];
    expect(inFault(run({ bad: { http_error: 0.2 } }, slos), "availability >= 99%").verdict).toBe("fail");
    const slow = inFault(run({ medianMs: 900 }, slos), "p90 < 400ms");
    expect(slow.verdict).toBe("fail");
    expect(slow.reason).toMatch(/Worker b was lost/);
  });

  test("is no failure of the system: what it did not send is nothing bad", () => {
    const report = analyse(run({}, ["availability >= 99%", "recovery < 10s"]));
    const rows = report.faults[0]?.slos ?? [];
    expect(rows.map(({ verdict }) => verdict)).not.toContain("fail");
    expect(report.faults[0]?.recovery.seconds).toBe(0);
    expect(report.verdict).toBe("inconclusive");
  });

  test("does not excuse the generator's own lateness of the others", () => {
    const record = run({ unsentByGenerator: 1, bad: { unsent: 0.1 } }, ["availability >= 99%"]);
    const [, fault] = record.phases;
    const why = fault && distrust(fault, { model: "open" });
    expect(why?.lateness).toMatchObject({ kind: "unsent" });
    expect(why?.reason).toMatch(/^The load generator was unable to send 10/);
  });

  test("at the very end of a phase decides nothing", () => {
    const { phases } = run({}, []);
    const [baseline] = phases;
    const late = baseline && withoutWorker(baseline, SECONDS - 1);
    expect(late && distrust(late, { model: "open" })).toBeNull();
  });

  test("in the baseline: faults are not injected, and another try would lack it as well", () => {
    const { phases, slos, plannedPhases } = run({}, ["availability >= 99%"]);
    const [baseline] = phases;
    if (!baseline) throw new Error("no baseline");
    const options = { evidence: "interval", model: "open", timeoutMs: 5000, plannedPhases } as const;
    const health = baselineHealthy(withoutWorker(baseline, 10), slos, options);
    expect(health).toMatchObject({ healthy: false, isDisturbed: false });
    expect(health.reason).toMatch(/Worker b was lost/);
  });

  test("in the closed model asks nothing any more", () => {
    const [baseline] = run({}, []).phases;
    const closed = baseline && { ...baseline, lostWorkers: [{ worker: "b", fromS: 0, due: [] }] };
    const why = closed && distrust(closed, { model: "closed" });
    expect(why).toMatchObject({ isInPart: true, lateness: null });
    expect(why?.reason).toBe(
      "Worker b was lost, so its connections asked nothing any more: a pass needs the whole load.",
    );
  });

  test("is known by its second where phases are joined", () => {
    const [baseline, fault, recovery] = run({}, []).phases;
    if (!baseline || !fault || !recovery) throw new Error("a phase is missing");
    const joined = joinedPhases(fault, 30, recovery);
    expect(joined.lostWorkers?.[0]).toMatchObject({ worker: "b", fromS: 0 });
    expect(joined.lostWorkers?.[0]?.due).toHaveLength(30 + SECONDS);
    const later = joinedPhases(baseline, 30, recovery);
    expect(later.lostWorkers?.[0]?.fromS).toBe(30);
    expect(later.lostWorkers?.[0]?.due.slice(28, 32)).toEqual([0, 0, 50, 50]);
  });
});
