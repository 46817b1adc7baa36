import { describe, expect, it } from "vitest";
import { backAtSlos, baselineHealthy, judgeTrial } from "../../src/analysis/interim-judging.js";
import { observedHoldSeconds } from "../../src/analysis/recovery/good-seconds.js";
import { latencyLimits, resolveAgainstBaseline } from "../../src/analysis/slo/targets.js";
import { parseSlo } from "../../src/slo/parse.js";
import type { Slo } from "../../src/slo/slo.js";
import { buildRecord, type PhaseSketch } from "../helpers/record-builder.js";

function slos(...texts: string[]): Slo[] {
  return texts.map((text) => {
    const parsed = parseSlo(text);
    if (!parsed.ok) throw new Error(parsed.error.message);
    return parsed.slo;
  });
}

function phases(promised: readonly Slo[], ...sketches: PhaseSketch[]) {
  const record = buildRecord({ ratePerS: 100, slos: promised, phases: sketches });
  return { phases: record.phases, plannedPhases: record.plannedPhases };
}

describe("the latency limits to count", () => {
  it("are those of quantiles and max, once each, in microseconds", () => {
    const limits = latencyLimits(
      slos(
        "p99 < 500ms",
        "p95 < 500ms",
        "p99(checkout) < 500ms",
        "max < 2s",
        "availability >= 99%",
        "p50 < 3x baseline",
      ),
    );
    expect(limits).toEqual([
      { request: null, limitUs: 500_000 },
      { request: "checkout", limitUs: 500_000 },
      { request: null, limitUs: 2_000_000 },
    ]);
  });

  it("take in relative targets once there is a baseline", () => {
    const promised = slos("p50 < 3x baseline", "availability >= baseline - 1%");
    const [baseline] = phases(promised, { kind: "baseline", seconds: 10, medianMs: 20, spread: 0 }).phases;
    const resolved = resolveAgainstBaseline(promised, baseline!);
    expect(resolved[1]?.target).toEqual({ kind: "absolute", value: 0.99, unit: "ratio" });
    const [limit] = latencyLimits(resolved);
    expect(limit?.limitUs).toBeGreaterThan(59_900);
    expect(limit?.limitUs).toBeLessThan(60_300);
    expect(resolved[0]?.text).toBe("p50 < 3x baseline");
  });
});

describe("may faults be injected", () => {
  const promised = slos("availability >= 99%", "p99 < 400ms", "p99 < 3x baseline", "recovery < 5s");
  const ask = (sketch: Partial<PhaseSketch>, evidence: "interval" | "observed" = "interval") => {
    const { phases: measured, plannedPhases } = phases(promised, {
      kind: "baseline",
      seconds: 20,
      ...sketch,
    });
    return baselineHealthy(measured[0]!, promised, {
      evidence,
      model: "open",
      timeoutMs: 1000,
      plannedPhases,
    });
  };

  it("yes when nothing is broken, also where too little is known to pass", () => {
    expect(ask({})).toMatchObject({ healthy: true });
    expect(ask({}, "observed")).toMatchObject({ healthy: true });
    expect(ask({ seconds: 3 })).toMatchObject({ healthy: true });
  });

  it("no when an SLO is broken, with its name and numbers", () => {
    const { healthy, reason } = ask({ bad: { http_error: 0.1 } });
    expect(healthy).toBe(false);
    expect(reason).toMatch(
      /^"availability >= 99%" does not hold even without a fault \(and 1 more\): \d+ of 2,000/,
    );
    expect(ask({ medianMs: 500 }, "observed").reason).toContain("p99 < 400ms");
  });

  it("no when nothing was measured or the load was not offered", () => {
    expect(ask({ ratePerS: 0 }).reason).toContain("No request was due");
    const unsent = ask({ bad: { unsent: 0.05 }, unsentByGenerator: 1 });
    expect(unsent).toMatchObject({ healthy: false, isDisturbed: true });
    expect(unsent.reason).toMatch(/^The load generator was unable to send \d/);
  });

  it("once more where the generator's lateness left something open, and yes then", () => {
    expect(ask({ lagMs: 300, medianMs: 390, spread: 0.1 }, "observed")).toMatchObject({
      healthy: true,
      isDisturbed: true,
      reason: expect.stringContaining("own lateness decides"),
    });
    expect(ask({ lagMs: 300 }, "observed")).toMatchObject({ healthy: true, isDisturbed: false });
  });
});

describe("is the system back", () => {
  const promised = slos("availability >= 99%");
  const ask = (sketch: Partial<PhaseSketch>, evidence: "interval" | "observed" = "interval") => {
    const { phases: measured } = phases(
      promised,
      { kind: "baseline", seconds: 10 },
      { kind: "recovery", fault: "x", seconds: 15, ...sketch },
    );
    const [baseline, recovery] = measured;
    const seen = { baseline: baseline!, recovery: recovery!, fault: "x", slos: promised };
    return backAtSlos(seen, { evidence, model: "open", timeoutMs: 1000 });
  };

  it("after ten good seconds, although the report asks for twenty at this rate", () => {
    expect(ask({ at: (s) => (s < 4 ? { bad: { refused: 1 } } : {}) })).toMatchObject({ back: true });
  });

  it("not before", () => {
    const found = ask({ at: (s) => (s < 8 ? { bad: { refused: 1 } } : {}) });
    expect(found.back).toBe(false);
    expect(found.reason).toContain("has not held for 10 s yet");
    expect(found).toMatchObject({
      stillBroken: false,
      waiting: 'until "availability >= 99%" has held for 10 s',
    });
    expect(ask({ seconds: 5 }).back).toBe(false);
    expect(ask({ seconds: 0 }).back).toBe(false);
  });

  it("not while it is broken again in the last seconds", () => {
    expect(ask({ at: (s) => (s >= 13 ? { bad: { refused: 1 } } : {}) })).toMatchObject({
      back: false,
      stillBroken: true,
      waiting: 'for the recovery ("availability >= 99%" is still broken)',
    });
  });

  it("sooner in a quick look", () => {
    expect(ask({ seconds: 6, at: (s) => (s < 2 ? { bad: { refused: 1 } } : {}) }, "observed").back).toBe(
      true,
    );
  });

  it("as late as the report asks for in a quick look, where a killed service was started before", () => {
    const { phases: measured } = phases(
      promised,
      { kind: "baseline", seconds: 10 },
      { kind: "recovery", fault: "x", seconds: 12, at: (s) => (s < 5 ? { bad: { refused: 1 } } : {}) },
    );
    const [baseline, recovery] = measured;
    const back = (earlierS: number) => {
      const seen = { baseline: baseline!, recovery: recovery!, fault: "x", slos: promised, earlierS };
      return backAtSlos(seen, { evidence: "observed", model: "open", timeoutMs: 1000 });
    };
    expect(back(0).back).toBe(true);
    expect(back(3.2)).toMatchObject({
      back: false,
      waiting: 'until "availability >= 99%" has held for 8 s',
    });
    // No report on a quick look asks for more than what is waited for.
    expect(observedHoldSeconds(100, 60)).toBe(10);
  });

  it("without counting requests in flight as bad, or as good", () => {
    const { phases: measured } = phases(
      promised,
      { kind: "baseline", seconds: 10 },
      { kind: "recovery", fault: "x", seconds: 15 },
    );
    const [baseline, recovery] = measured;
    const inFlight = (from: number) => {
      const { all } = recovery!;
      const ok = all.outcomes.ok.map((count, t) => (t < from ? count : count - 40));
      return { ...recovery!, all: { ...all, outcomes: { ...all.outcomes, ok } } };
    };
    const back = (from: number) => {
      const seen = { baseline: baseline!, recovery: inFlight(from), fault: "x", slos: promised };
      return backAtSlos(seen, { evidence: "interval", model: "open", timeoutMs: 1000 }).back;
    };
    expect([back(14), back(10), back(9), back(0)]).toEqual([true, true, false, false]);
  });

  it("still broken when most requests have no answer yet, not when a few have none", () => {
    const { phases: measured } = phases(
      promised,
      { kind: "baseline", seconds: 10 },
      { kind: "recovery", fault: "x", seconds: 15 },
    );
    const [baseline, recovery] = measured;
    const answered = (count: (ok: number) => number) => {
      const { all } = recovery!;
      const seen = {
        ...recovery!,
        all: { ...all, outcomes: { ...all.outcomes, ok: all.outcomes.ok.map(count) } },
      };
      const asked = { baseline: baseline!, recovery: seen, fault: "x", slos: promised };
      return backAtSlos(asked, { evidence: "interval", model: "open", timeoutMs: 1000 });
    };
    expect(answered(() => 0)).toMatchObject({ back: false, stillBroken: true });
    expect(answered((ok) => ok - 1)).toMatchObject({ back: false, stillBroken: false });
  });

  it("not when a stalled closed model sends nothing at all", () => {
    expect(ask({ ratePerS: 0 }).back).toBe(false);
  });
});

it("a trial of a search is judged as a fault's phase is", () => {
  const promised = slos("p99 < 200ms");
  const trial = (medianMs: number) =>
    phases(promised, { kind: "fault", fault: "x", seconds: 40, medianMs }).phases[0]!;
  const options = { evidence: "interval", model: "open", timeoutMs: 1000, verdicts: 5 } as const;
  expect(judgeTrial(trial(20), promised[0]!, null, options).verdict).toBe("pass");
  expect(judgeTrial(trial(180), promised[0]!, null, options).verdict).toBe("fail");
});
