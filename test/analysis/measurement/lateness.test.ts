import { describe, expect, it } from "vitest";
import { analyse } from "../../../src/analysis/analyse.js";
import type { Report, SloResult } from "../../../src/analysis/document/report.js";
import { baselineHealthy, whyOnceMore } from "../../../src/analysis/interim-judging.js";
import type { MachineUse, RunRecord } from "../../../src/measure/record.js";
import { buildRecord, type PhaseSketch, sloOf } from "../../helpers/record-builder.js";

/** A quick look of 10 s a phase at 100/s, timeout 1 s; 6 ms of lateness are allowed where 60 ms are promised. */
function quick(
  slos: readonly string[],
  during: Partial<PhaseSketch>,
  after: Partial<PhaseSketch> = {},
  before: Partial<PhaseSketch> = {},
): RunRecord {
  return buildRecord({
    evidence: "observed",
    slos,
    phases: [
      { kind: "baseline", seconds: 10, ...before },
      { kind: "fault", fault: "slow front", seconds: 10, ...during },
      { kind: "recovery", fault: "slow front", seconds: 10, ...after },
    ],
  });
}

function row(report: Report, expectText: string): SloResult {
  const found = report.faults[0]?.slos.find((each) => each.expect === expectText);
  if (!found) throw new Error(`${expectText} was not judged`);
  return found;
}

const LATE_TWICE = (s: number) => (s === 1 || s === 2 ? { lagMs: 10.5 } : {});

describe("a failure of a late load generator's run is one all the same", () => {
  it("when answers took far longer than promised from when they were sent", () => {
    const report = analyse(quick(["p95 < 60ms"], { medianMs: 300, at: LATE_TWICE }));
    expect(report).toMatchObject({ verdict: "fail", exitCode: 1 });
    expect(row(report, "p95 < 60ms").reason).toMatch(
      /^All 1,000 requests .*The load generator was late in 2 of 10 s, by up to 10.5 ms, which explains none of them\.$/,
    );
  });

  it("when all seconds were late, by no more than answers were too late", () => {
    expect(analyse(quick(["p95 < 60ms"], { medianMs: 300, lagMs: 20 })).verdict).toBe("fail");
    // 60 ms promised, 40 ms late, and the burst after 40 ms takes a system up to 40 ms more: 110 ms may be that.
    const near = { medianMs: 110, spread: 0.05, lagMs: 40 };
    expect(analyse(quick(["p95 < 60ms"], near)).verdict).toBe("inconclusive");
  });

  it("when too many answers were too late in the seconds in which it was on time", () => {
    // Seconds 3 and 4 still have the burst of second 2 or 3 to work off.
    const at = (s: number) => (s === 2 || s === 3 ? { lagMs: 500 } : {});
    const slow = (share: (s: number) => boolean) => ({
      at: (s: number) => ({ ...at(s), ...(share(s) ? { medianMs: 90, spread: 0.1 } : {}) }),
    });
    expect(
      row(
        analyse(
          quick(
            ["p95 < 60ms"],
            slow((s) => s > 4),
          ),
        ),
        "p95 < 60ms",
      ).verdict,
    ).toBe("fail");
    expect(
      row(
        analyse(
          quick(
            ["p95 < 60ms"],
            slow((s) => s >= 2 && s <= 4),
          ),
        ),
        "p95 < 60ms",
      ).verdict,
    ).toBe("inconclusive");
  });

  it("when requests were refused, reset or answered with an error", () => {
    for (const kind of ["refused", "reset", "http_error"] as const) {
      const report = analyse(quick(["availability >= 90%"], { lagMs: 300, bad: { [kind]: 0.5 } }));
      expect(report.verdict).toBe("fail");
    }
  });

  it("but timeouts only in seconds in which it was on time", () => {
    const slo = "availability >= 90%";
    const all = { lagMs: 300, bad: { timeout: 0.5 } };
    expect(row(analyse(quick([slo], all)), slo).verdict).toBe("inconclusive");
    const some = { bad: { timeout: 0.5 }, at: (s: number) => (s < 3 ? { lagMs: 300 } : {}) };
    expect(row(analyse(quick([slo], some)), slo).verdict).toBe("fail");
  });

  it("timeouts that no lateness explains break a latency promise in late seconds too", () => {
    const slo = "p95 < 60ms";
    expect(row(analyse(quick([slo], { lagMs: 40, bad: { timeout: 0.5 } })), slo).verdict).toBe("fail");
    // 1 s − 500 ms is no longer than 60 ms + 500 ms.
    expect(row(analyse(quick([slo], { lagMs: 500, bad: { timeout: 0.5 } })), slo).verdict).toBe(
      "inconclusive",
    );
  });

  it("but never of what it did not send itself, however much that is", () => {
    const slo = "availability >= 90%";
    const own = { bad: { unsent: 0.5 }, unsentByGenerator: 1 };
    expect(row(analyse(quick([slo], own)), slo).verdict).toBe("invalid");
    expect(row(analyse(quick([slo], { bad: { unsent: 0.5 } })), slo).verdict).toBe("fail");
  });

  it("when part of the load was lost nothing is said", () => {
    const report = analyse(quick(["availability >= 90%"], { bad: { refused: 1 }, lost: "a thread ended" }));
    expect(report.verdict).toBe("invalid");
  });

  it("when the system never came back", () => {
    const late = (s: number) => (s < 3 ? { lagMs: 40 } : {});
    const broken = quick(["p95 < 60ms", "recovery < 3s"], {}, { medianMs: 300, at: late });
    expect(row(analyse(broken), "recovery < 3s")).toMatchObject({
      verdict: "fail",
      reason: expect.stringContaining("The load generator was late in 3 of 10 s, by up to 40 ms"),
    });
    const unexplained = quick(["p95 < 60ms", "recovery < 3s"], {}, { medianMs: 65, spread: 0.01, lagMs: 40 });
    expect(row(analyse(unexplained), "recovery < 3s").verdict).toBe("inconclusive");
  });

  it("holds for good answers a second, which lateness alone does not lessen", () => {
    const slo = "throughput >= 90/s";
    expect(row(analyse(quick([slo], { lagMs: 300, bad: { refused: 0.5 } })), slo).verdict).toBe("fail");
    expect(row(analyse(quick([slo], { lagMs: 300 })), slo).verdict).toBe("pass");
  });
});

describe("a load generator that was on time for the most part", () => {
  const interval = (during: Partial<PhaseSketch>) =>
    analyse(
      buildRecord({
        slos: ["availability >= 99.9%"],
        phases: [
          { kind: "baseline", seconds: 40 },
          { kind: "fault", fault: "slow front", seconds: 100, ...during },
        ],
      }),
    ).faults[0]?.slos[0];

  it("does not charge the system with the few requests that it did not send", () => {
    // One second in which half of the requests were not sent is let pass; 50 of 10,000 are more than 0.1 %.
    const unsent = (own: number) =>
      interval({ at: (s) => (s === 50 ? { bad: { unsent: 0.5 }, unsentByGenerator: own } : {}) });
    expect(unsent(1)).toMatchObject({
      verdict: "inconclusive",
      reason: expect.stringContaining("generator's own lateness"),
    });
    expect(unsent(0)?.verdict).toBe("fail");
  });
});

describe("a baseline that does not hold, seen by a late load generator", () => {
  const before = { bad: { refused: 1 }, at: (s: number) => (s < 5 ? { lagMs: 300 } : {}) };
  const reasons = { "TLS: certificate of an unknown authority": 1000 };

  it("is an unhealthy baseline, with its cause", () => {
    const record = quick(["availability >= 99%"], {}, {}, { ...before, reasons });
    const notRun = { ...record, phases: record.phases.slice(0, 1) };
    const faults = record.faults.map((fault) => ({
      ...fault,
      injectedAtS: null,
      notRun: "no healthy baseline",
    }));
    const { verdict, exitCode, reason } = analyse({ ...notRun, faults });
    expect({ verdict, exitCode }).toEqual({ verdict: "invalid", exitCode: 4 });
    expect(reason).toContain(
      "The baseline itself does not hold, so no fault was injected: availability was 0%",
    );
    expect(reason).toContain('"TLS: certificate of an unknown authority"');
  });

  it("lets no fault begin, and says what is broken rather than that it was late", () => {
    const slos = ["availability >= 99%"];
    const [baseline] = quick(slos, {}, {}, before).phases;
    const { plannedPhases } = quick(slos, {});
    const options = { evidence: "observed", model: "open", timeoutMs: 1000, plannedPhases } as const;
    const { healthy, reason } = baselineHealthy(baseline!, slos.map(sloOf), options);
    expect(healthy).toBe(false);
    expect(reason).toMatch(
      /^"availability >= 99%" does not hold even without a fault: All 1,000 requests failed/,
    );
  });
});

/** Who had two CPUs in a second in which strangers, or the service, kept the load generator from running. */
function machine(seconds: number, systemAtMost: (second: number) => number): MachineUse {
  const column = (of: (second: number) => number) => Array.from({ length: seconds }, (_, s) => of(s));
  return {
    busy: 1,
    stolen: 0,
    seconds: {
      system: column((s) => 0.2 + systemAtMost(s)),
      strangers: column((s) => 1.6 - systemAtMost(s)),
      own: column(() => 0.2),
      stolen: column(() => 0),
      throttled: column(() => 0),
      systemAtMost: column(systemAtMost),
    },
  };
}

describe("a machine that others kept busy", () => {
  const slow = { medianMs: 50, spread: 0.05, lagMs: 45 };
  const slo = "p95 < 60ms";
  const strangers = machine(10, () => 0.1);
  const system = machine(10, () => 0.9);

  it("does not keep a good system from passing: it is judged from dispatch, and the report says so", () => {
    const fast = { medianMs: 70, spread: 0.05, lagMs: 45 };
    const judged = row(analyse(quick([slo], { ...fast, machine: strangers })), slo);
    expect(judged).toMatchObject({ verdict: "pass", lateness: { decides: false, judgedFrom: "dispatch" } });
    expect(judged.reason).toMatch(/Judged from dispatch: the load generator was up to 45 ms late\.$/);
    expect(judged.observed).toBeLessThan(60);
  });

  it("has its findings counted from when requests left, as its promise is, and says so", () => {
    const p99 = "p99 < 90ms";
    const fast = { medianMs: 100, spread: 0.05, lagMs: 45, machine: strangers };
    const report = analyse(quick([p99], fast));
    const judged = row(report, p99);
    expect(judged.lateness).toEqual({ decides: false, judgedFrom: "dispatch" });
    const [, before, during] =
      report.faults[0]?.findings
        .join("\n")
        .match(/p99 rose from ([\d.]+) ms to ([\d.]+) ms .*, counted from when requests left\./) ?? [];
    expect([before, during].map(Number)).toEqual(
      [judged.baseline, judged.observed].map((ms) => Number(Number(ms).toPrecision(3))),
    );
    expect(report.limits.join("\n")).toContain("count latency from when requests were due");
  });

  it("has findings that say their clock where no promise on p99 was judged from dispatch", () => {
    const report = analyse(quick([slo], { medianMs: 70, spread: 0.05, lagMs: 45, machine: strangers }));
    expect(report.faults[0]?.findings.join("\n")).toMatch(
      /p99 rose .*, counted from when requests were due\./,
    );
    const onTime = analyse(quick(["p95 < 200ms"], { medianMs: 70 }));
    expect(onTime.faults[0]?.findings.join("\n")).toMatch(/p99 rose from .*x\)\.$/m);
    expect(onTime.limits.join("\n")).not.toContain("when requests were due");
  });

  it("does not hide a standstill of the system that stopped the generator, too", () => {
    const fast = { medianMs: 70, spread: 0.05, lagMs: 45 };
    expect(row(analyse(quick([slo], { ...fast, machine: system })), slo).verdict).toBe("inconclusive");
    // One such second is enough where it decides: 100 of 1,000 requests, of which 50 may be bad.
    const once = machine(10, (s) => (s === 4 ? 0.9 : 0.1));
    expect(row(analyse(quick([slo], { ...fast, machine: once })), slo).verdict).toBe("inconclusive");
    // Nobody knows who had the machine.
    expect(row(analyse(quick([slo], fast)), slo).verdict).toBe("inconclusive");
  });

  it("excuses no lateness beyond the limit: a generator that stood still for so long cannot have seen the system do so", () => {
    const blind = { medianMs: 90, spread: 0.05, lagMs: 70 };
    expect(row(analyse(quick([slo], { ...blind, machine: strangers })), slo).verdict).toBe("inconclusive");
  });

  it("excuses no lateness of a second in which the system was slow by itself: what left late missed a part of that", () => {
    const p90 = "p90 < 200ms";
    // From when they were due 13 % took longer than 200 ms, from when they left 8 %.
    const slowItself = { medianMs: 114, spread: 0.5, lagMs: 30, machine: strangers };
    expect(row(analyse(quick([p90], slowItself)), p90).verdict).toBe("inconclusive");
    // Every other second is fast and excused; the slow ones decide.
    const inTurns = {
      ...{ lagMs: 30, machine: strangers },
      at: (s: number) => (s % 2 === 0 ? { medianMs: 140, spread: 0.5 } : { medianMs: 90, spread: 0.05 }),
    };
    expect(row(analyse(quick([p90], inTurns)), p90).verdict).toBe("inconclusive");
    const justLate = { medianMs: 190, spread: 0.05, lagMs: 60, machine: strangers };
    expect(row(analyse(quick([p90], justLate)), p90)).toMatchObject({
      verdict: "pass",
      lateness: { judgedFrom: "dispatch" },
    });
  });

  it("is not named where the verdict from when requests were due is the same", () => {
    const judged = row(analyse(quick([slo], { ...slow, lagMs: 7, machine: strangers })), slo);
    expect(judged.verdict).toBe("pass");
    expect(judged.lateness).toBeUndefined();
    expect(judged.reason).not.toContain("dispatch");
  });

  it("makes no failure of what left late, and takes none away", () => {
    const bad = { medianMs: 130, spread: 0.05, lagMs: 10, machine: strangers };
    expect(row(analyse(quick([slo], bad)), slo).verdict).toBe("fail");
  });

  it("has what was not sent at all counted neither way", () => {
    const slo = "availability >= 99%";
    const unsent = { bad: { unsent: 0.009 }, unsentByGenerator: 1 };
    const judged = row(analyse(quick([slo], { ...unsent, machine: strangers })), slo);
    expect(judged.verdict).toBe("pass");
  });

  it("is named with what it took where the verdict hangs on it", () => {
    const { reason } = row(
      analyse(quick([slo], { medianMs: 105, spread: 0.2, lagMs: 45, machine: strangers })),
      slo,
    );
    expect(reason).toContain("own lateness decides this one");
    expect(reason).toContain("Other programs had 75% of the machine's time, the service 15%, faultline 10%.");
  });

  it("lets a recovery end in spite of seconds in which nothing could be sent", () => {
    const slos = [slo, "recovery < 8s"];
    const back = { at: (s: number) => (s === 1 ? { medianMs: 90, lagMs: 90, offered: 0 } : {}) };
    const judged = analyse(quick(slos, {}, { ...back, machine: strangers }));
    expect(row(judged, "recovery < 8s").verdict).toBe("pass");
  });
});

describe("a load that was not offered", () => {
  const slo = "availability >= 90%";

  it("is invalid when three of ten seconds had another load than planned; two are a single standstill", () => {
    const late = (count: number) => ({
      at: (s: number) => (s % 3 === 1 && s < 3 * count ? { offered: 0.5 } : {}),
    });
    expect(row(analyse(quick([slo], late(1))), slo).verdict).toBe("pass");
    const invalid = row(analyse(quick([slo], late(3))), slo);
    expect(invalid).toMatchObject({ verdict: "invalid", lateness: { decides: true } });
    expect(invalid.reason).toContain("was another than planned");
  });

  it("is invalid when more than 1% was not sent, however good the rest was", () => {
    const own = { bad: { unsent: 0.03 }, unsentByGenerator: 1 };
    expect(row(analyse(quick([slo], own)), slo).reason).toMatch(/unable to send \d/);
  });

  it("is not asked of a record that does not tell", () => {
    const record = quick([slo], { at: (s) => (s % 2 === 0 ? { offered: 0.5 } : {}) });
    const phases = record.phases.map((phase) => {
      const { offered: _, ...all } = phase.all;
      return { ...phase, all };
    });
    expect(row(analyse({ ...record, phases }), slo).verdict).toBe("pass");
  });
});

describe("a phase that is to be measured once more", () => {
  const slo = "p95 < 60ms";
  const parts = (during: Partial<PhaseSketch>) => {
    const record = quick([slo], during);
    const [baseline, fault, recovery] = record.phases;
    const measured = { fault: "slow front", slos: [sloOf(slo)], injectionDelayS: 0, removedAtS: 20 };
    const { plannedPhases } = record;
    const options = { evidence: "observed", model: "open", timeoutMs: 1000, plannedPhases } as const;
    return whyOnceMore({ ...measured, baseline: baseline!, during: fault!, recovery: recovery! }, options);
  };

  it("is one that lateness has left undecided, and no other", () => {
    expect(parts({ medianMs: 70, spread: 0.05, lagMs: 45 })).toContain("own lateness decides");
    expect(parts({})).toBeNull();
    expect(parts({ medianMs: 300, lagMs: 45 })).toBeNull();
    expect(parts({ lost: "a thread ended" })).toBeNull();
  });
});

describe("embedded proxies that stood still", () => {
  const slo = "availability >= 99%";
  const failing = { at: (s: number) => (s === 4 ? { bad: { http_error: 0.5 } } : {}) };
  const judged = (proxyLateMs: readonly number[]) => {
    const record = quick([slo], failing);
    const phases = record.phases.map((phase) => (phase.kind === "fault" ? { ...phase, proxyLateMs } : phase));
    return row(analyse({ ...record, phases }), slo);
  };
  const stillIn = (second: number, lateMs = 900) =>
    Array.from({ length: 11 }, (_, s) => (s === second ? lateMs : 0));

  it("are never laid to the service, which gave up on what lay in them", () => {
    for (const second of [3, 4, 5]) {
      expect(judged(stillIn(second))).toMatchObject({ verdict: "inconclusive", lateness: { decides: true } });
    }
  });

  it("explain nothing at another time, or for a moment", () => {
    expect(judged(stillIn(8)).verdict).toBe("fail");
    expect(judged(stillIn(4, 50)).verdict).toBe("fail");
    expect(judged([]).verdict).toBe("fail");
  });
});
