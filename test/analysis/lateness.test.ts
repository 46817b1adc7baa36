import { describe, expect, it } from "vitest";
import { analyse } from "../../src/analysis/analyse.js";
import { baselineHealthy } from "../../src/analysis/gates.js";
import type { Report, SloResult } from "../../src/analysis/model.js";
import type { RunRecord } from "../../src/measure/record.js";
import { buildRecord, type PhaseSketch, sloOf } from "../helpers/record-builder.js";

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
    expect(analyse(quick(["p95 < 60ms"], near)).verdict).toBe("invalid");
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
    ).toBe("invalid");
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
    expect(row(analyse(quick([slo], all)), slo).verdict).toBe("invalid");
    const some = { bad: { timeout: 0.5 }, at: (s: number) => (s < 3 ? { lagMs: 300 } : {}) };
    expect(row(analyse(quick([slo], some)), slo).verdict).toBe("fail");
  });

  it("timeouts that no lateness explains break a latency promise in late seconds too", () => {
    const slo = "p95 < 60ms";
    expect(row(analyse(quick([slo], { lagMs: 40, bad: { timeout: 0.5 } })), slo).verdict).toBe("fail");
    // 1 s − 500 ms is no longer than 60 ms + 500 ms.
    expect(row(analyse(quick([slo], { lagMs: 500, bad: { timeout: 0.5 } })), slo).verdict).toBe("invalid");
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
    expect(row(analyse(unexplained), "recovery < 3s").verdict).toBe("invalid");
  });

  it("holds for good answers a second", () => {
    const slo = "throughput >= 90/s";
    expect(row(analyse(quick([slo], { lagMs: 300, bad: { refused: 0.5 } })), slo).verdict).toBe("fail");
    expect(row(analyse(quick([slo], { lagMs: 300 })), slo).verdict).toBe("invalid");
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
