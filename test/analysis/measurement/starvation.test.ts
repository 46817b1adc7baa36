import { describe, expect, it } from "vitest";
import { analyse } from "../../../src/analysis/analyse.js";
import type { SloResult } from "../../../src/analysis/document/report.js";
import { baselineHealthy, whyOnceMore } from "../../../src/analysis/interim-judging.js";
import type { MachineUse, RunRecord } from "../../../src/measure/record.js";
import { buildRecord, type PhaseSketch, sloOf } from "../../helpers/record-builder.js";

const SECONDS = 10;

/** Strangers had nearly all of two CPUs, and the service's processes waited for one: so many seconds in each second. */
function starving(waited: number, atOnce = waited / 4): MachineUse {
  const column = (value: number) => Array<number>(SECONDS).fill(value);
  return {
    busy: 1,
    stolen: 0,
    seconds: {
      system: column(0.1),
      strangers: column(1.8),
      own: column(0.1),
      stolen: column(0),
      throttled: column(0),
      waited: column(waited),
      waitedAtOnce: column(atOnce),
      systemAtMost: column(0.1),
    },
  };
}

function run(slo: string, during: Partial<PhaseSketch>, before: Partial<PhaseSketch> = {}): RunRecord {
  return buildRecord({
    evidence: "observed",
    slos: [slo],
    phases: [
      { kind: "baseline", seconds: SECONDS, ...before },
      { kind: "fault", fault: "slow front", seconds: SECONDS, ...during },
      { kind: "recovery", fault: "slow front", seconds: SECONDS },
    ],
  });
}

function judged(record: RunRecord): SloResult {
  const [row] = analyse(record).faults[0]?.slos ?? [];
  if (!row) throw new Error("nothing was judged");
  return row;
}

describe("a system whose CPUs others had", () => {
  it("is not failed for answers that may have waited for one, and the report says whose time was missing", () => {
    const row = judged(run("p95 < 100ms", { medianMs: 300, machine: starving(0.6) }));
    expect(row).toMatchObject({ verdict: "inconclusive", lateness: { decides: true } });
    expect(row.reason).toMatch(
      /^The service waited for a CPU for up to 600 ms of a second, and this decides here: .* Other programs had 90% of the machine's time/,
    );
  });

  it("fails all the same for answers that took longer than it can have waited", () => {
    // Three seconds of 20 ms at most.
    const row = judged(run("p95 < 100ms", { medianMs: 300, machine: starving(0.06, 0.02) }));
    expect(row.verdict).toBe("fail");
    expect(row.reason).toContain("The service waited for a CPU for up to 60 ms of a second, which explains");
  });

  it("passes as any other when it kept its promise", () => {
    expect(judged(run("p95 < 100ms", { medianMs: 20, machine: starving(0.6) })).verdict).toBe("pass");
  });

  it("fails for timeouts only where waiting cannot be why", () => {
    const timeouts = { bad: { timeout: 0.5 } };
    expect(judged(run("availability >= 90%", { ...timeouts, machine: starving(0.6) })).verdict).toBe(
      "inconclusive",
    );
    expect(judged(run("availability >= 90%", timeouts)).verdict).toBe("fail");
  });

  it("fails for errors beyond those that the baseline, which waited as long, has shown", () => {
    const errors = (share: number) => ({ bad: { http_error: share }, machine: starving(0.6) });
    const slo = "availability >= 90%";
    expect(judged(run(slo, errors(0.9), { ...errors(0.02), medianMs: 5 })).verdict).toBe("fail");
    // The baseline had its CPUs, so it does not show what a lack of them does.
    expect(judged(run(slo, errors(0.9))).verdict).toBe("inconclusive");
    // A tenth of the requests fails here without a fault as well.
    expect(judged(run(slo, errors(0.2), errors(0.1))).verdict).toBe("inconclusive");
  });

  it("is measured once more, and its baseline is no reason to end the run", () => {
    const slo = "p95 < 100ms";
    const record = run(slo, { medianMs: 300, machine: starving(0.6) }, { machine: starving(0.6) });
    const [baseline = null, during, recovery = null] = record.phases;
    const options = {
      evidence: record.evidence,
      model: record.load.model.kind,
      timeoutMs: record.load.timeoutMs,
      plannedPhases: record.plannedPhases,
    };
    const measured = { fault: "slow front", slos: [sloOf(slo)], injectionDelayS: 0, removedAtS: 20 };
    if (!during) throw new Error("no fault");
    expect(whyOnceMore({ ...measured, baseline, during, recovery }, options)).toContain("waited for a CPU");
    const slow = run(slo, {}, { medianMs: 300, machine: starving(0.6) }).phases[0];
    if (!slow) throw new Error("no baseline");
    expect(baselineHealthy(slow, [sloOf(slo)], options)).toMatchObject({ healthy: true, isDisturbed: true });
  });
});
