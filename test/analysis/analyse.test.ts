import { describe, expect, it, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.js";
import type { FaultReport, SloResult } from "../../src/analysis/document/report.js";
import { proxyTarget } from "../../src/faults/proof.js";
import type { WireProtocol } from "../../src/faults/wire/protocol.js";
import type { RunRecord } from "../../src/measure/record.js";
import { parseSlo } from "../../src/slo/parse.js";
import type { Slo } from "../../src/slo/slo.js";
import { buildRecord, type PhaseSketch, type RunSketch } from "../helpers/record-builder.js";
import { SAVED_RUNS } from "../helpers/saved-runs.js";

function slo(text: string, more: Partial<Slo> = {}): Slo {
  const parsed = parseSlo(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return { ...parsed.slo, ...more };
}

/** One fault after a healthy baseline of 40 s, at 200/s. */
function run(
  slos: readonly (string | Slo)[],
  during: Partial<PhaseSketch>,
  after: Partial<PhaseSketch> = {},
  more: Partial<RunSketch> = {},
): RunRecord {
  return buildRecord({
    ratePerS: 200,
    slos: slos.map((each) => (typeof each === "string" ? slo(each) : each)),
    phases: [
      { kind: "baseline", seconds: 40 },
      { kind: "fault", fault: "cache cut off", seconds: 40, ...during },
      { kind: "recovery", fault: "cache cut off", seconds: 40, ...after },
    ],
    ...more,
  });
}

function only(record: RunRecord, evidence?: "interval" | "observed"): FaultReport {
  const [fault] = analyse(record, { evidence }).faults;
  if (!fault) throw new Error("no fault");
  return fault;
}

/** The same run, had every answer that was too slow been so by the generator's own lag. */
function allByLag(record: RunRecord): RunRecord {
  const phases = record.phases.map((phase) => ({
    ...phase,
    all: {
      ...phase.all,
      slow: phase.all.slow.map((each) => ({ ...each, dispatch: each.due.map(() => 0) })),
    },
  }));
  return { ...record, phases };
}

function result(fault: FaultReport, expectText: string): SloResult {
  const found = fault.slos.find((each) => each.expect === expectText);
  if (!found) throw new Error(`${expectText} was not judged`);
  return found;
}

describe("what counts as bad", () => {
  it("holds failures against a latency SLO: with 30% refused, success-only p99 is a lie", () => {
    const fault = only(run(["p99 < 500ms"], { bad: { refused: 0.3 }, medianMs: 10 }));
    expect(result(fault, "p99 < 500ms")).toMatchObject({ verdict: "fail", observed: "inf" });
  });

  it("says > timeout from the very request on that makes too many failures", () => {
    const seconds = (failed: number) => ({
      at: (s: number) => (s < failed ? { bad: { reset: 1 }, ratePerS: 1 } : {}),
    });
    // 80 of 8,000 is 1%: p99 is the slowest answer. One more, and it is beyond the timeout.
    const at = run(["p99 < 500ms"], { ...seconds(0), seconds: 40 });
    expect(result(only(at), "p99 < 500ms").observed).toBeTypeOf("number");
    const half = run(["p50 < 500ms"], { bad: { timeout: 0.6 } });
    expect(result(only(half), "p50 < 500ms").observed).toBe("inf");
  });

  it("judges a request's SLO by that request alone", () => {
    const record = run(
      ["availability(browse) >= 95%"],
      { bad: { reset: 0.2 } },
      {},
      { requests: ["browse", "checkout"] },
    );
    const { counts } = result(only(record), "availability(browse) >= 95%");
    expect(counts?.total).toBeLessThan(4500);
    expect(counts?.total).toBeGreaterThan(3500);
  });
});

describe("evidence: interval", () => {
  it("passes what is surely within budget and fails what is surely above", () => {
    const record = run(["availability >= 99%", "availability >= 95%"], { bad: { http_error: 0.02 } });
    const fault = only(record);
    expect(result(fault, "availability >= 99%").verdict).toBe("fail");
    expect(result(fault, "availability >= 95%").verdict).toBe("pass");
    const [lower, upper] = result(fault, "availability >= 95%").interval ?? [];
    expect(lower).toBeGreaterThan(0.96);
    expect(upper).toBeLessThan(0.99);
  });

  it("leaves open what this run is too small for, and says which one would do", () => {
    const record = run(["availability >= 99.9%"], {}, {}, {});
    const { verdict, reason } = result(only(record), "availability >= 99.9%");
    expect(verdict).toBe("inconclusive");
    expect(reason).toMatch(
      /20,600 requests are needed to show it in 40 s: use rate: 520\/s, or 75 s at 200\/s/,
    );
  });

  it("never passes a phase under 30 s, but fails one", () => {
    const short = { seconds: 12 };
    expect(result(only(run(["availability >= 90%"], short)), "availability >= 90%").verdict).toBe(
      "inconclusive",
    );
    const broken = run(["availability >= 90%"], { ...short, bad: { refused: 0.5 } });
    expect(result(only(broken), "availability >= 90%").verdict).toBe("fail");
  });

  it("says that a fail in a single bad stretch may not repeat", () => {
    const record = run(["availability >= 99%"], {
      at: (s) => (s >= 10 && s < 13 ? { bad: { refused: 1 } } : {}),
    });
    const { verdict, reason } = result(only(record), "availability >= 99%");
    expect(verdict).toBe("fail");
    expect(reason).toContain("may not repeat");
  });

  it("gates the run by its worst fault", () => {
    const { verdict, exitCode, score } = analyse(run(["availability >= 99%"], { bad: { refused: 0.5 } }));
    expect({ verdict, exitCode }).toEqual({ verdict: "fail", exitCode: 1 });
    // Half of the fault's requests, and none of the ten seconds after it, were bad; a run that failed is capped.
    expect(score?.explanation).toMatch(/^(5\d|6[0-4])\.?\d*% of requests kept/);
    expect(score?.value).toBe(49);
    expect(score?.explanation).toContain("A run that failed scores 49 at most.");
    expect(analyse(run(["availability >= 99%"], {}))).toMatchObject({ verdict: "pass", exitCode: 0 });
  });
});

describe("evidence: observed", () => {
  it("judges the point estimate and says that it claims no more", () => {
    const record = run(
      ["availability >= 99.9%", "recovery < 5s"],
      { seconds: 8 },
      { seconds: 8 },
      { evidence: "observed" },
    );
    const report = analyse(record);
    expect(report.verdict).toBe("pass");
    expect(report.faults[0]?.slos[0]?.reason).toBe("None of 1,600 requests failed; 0.1% may.");
    expect(report.limits.join()).toContain("claim nothing beyond it");
    expect(report.faults[0]?.slos.every(({ interval }) => interval === null)).toBe(true);
  });

  it("shortens the hold of a recovery to what a quick look has room for, and prints it", () => {
    const record = run(
      ["availability >= 99%", "recovery < 5s"],
      { bad: { refused: 1 } },
      {
        seconds: 8,
        at: (s) => (s < 2 ? { bad: { refused: 1 } } : {}),
      },
    );
    expect(only(record, "observed").recovery).toMatchObject({ seconds: 2, censored: false, holdS: 4 });
    expect(only(record, "interval").recovery).toMatchObject({ censored: true, holdS: 10 });
  });
});

it("a quantile that the requests cannot have is left open in both kinds of evidence", () => {
  const record = run(["p99.99 < 5s"], {});
  for (const evidence of ["interval", "observed"] as const) {
    const { verdict, reason } = result(only(record, evidence), "p99.99 < 5s");
    expect(verdict).toBe("inconclusive");
    expect(reason).toMatch(/exists from 10,000 requests on, and there were 8,000/);
  }
  const broken = run(["p99.99 < 5s"], { bad: { refused: 0.5 } });
  expect(result(only(broken, "observed"), "p99.99 < 5s").verdict).toBe("fail");
});

describe("relative targets", () => {
  it("are worked out from the baseline, and the limit that was counted for them is found", () => {
    const fault = only(run(["p95 < 3x baseline"], { medianMs: 80 }));
    const { target, baseline, verdict } = result(fault, "p95 < 3x baseline");
    expect(verdict).toBe("fail");
    expect(target).toBeCloseTo(3 * Number(baseline), 6);
  });

  it("cannot be judged without a baseline value", () => {
    const record = buildRecord({
      slos: [slo("p99 < 3x baseline")],
      phases: [
        { kind: "baseline", seconds: 40, bad: { refused: 0.5 } },
        { kind: "fault", fault: "x", seconds: 40 },
      ],
    });
    expect(result(only(record), "p99 < 3x baseline").verdict).toBe("invalid");
  });

  it("an offset allows so much more than the baseline's own errors", () => {
    const errors = { bad: { http_error: 0.01 } };
    const record = buildRecord({
      ratePerS: 200,
      slos: [slo("availability >= baseline - 2%"), slo("error_rate < baseline + 0.1%")],
      phases: [
        { kind: "baseline", seconds: 60, ...errors },
        { kind: "fault", fault: "x", seconds: 60, bad: { http_error: 0.015 } },
      ],
    });
    const fault = only(record);
    expect(result(fault, "availability >= baseline - 2%").verdict).toBe("pass");
    expect(result(fault, "error_rate < baseline + 0.1%").verdict).not.toBe("pass");
  });
});

describe("windows", () => {
  it("do not let the last seconds hide in the average", () => {
    const late = { at: (s: number) => (s >= 36 ? { bad: { refused: 0.4 } } : {}) };
    const fault = only(run(["error_rate < 5%", "error_rate < 5% for 4s"], late));
    expect(result(fault, "error_rate < 5%").verdict).not.toBe("fail");
    expect(result(fault, "error_rate < 5% for 4s")).toMatchObject({ verdict: "fail" });
    expect(result(fault, "error_rate < 5% for 4s").reason).toContain("from second 37");
  });

  it("pass when the worst one is within budget", () => {
    expect(result(only(run(["error_rate < 5% for 10s"], {})), "error_rate < 5% for 10s").verdict).toBe(
      "pass",
    );
  });

  it("longer than the phase decide nothing", () => {
    const text = "error_rate < 5% for 60s";
    expect(result(only(run([text], {})), text).verdict).toBe("inconclusive");
  });
});

describe("throughput", () => {
  it("is good answers a second against what was due", () => {
    const fault = only(run(["throughput >= 150/s", "throughput >= 199/s"], { bad: { timeout: 0.1 } }));
    expect(result(fault, "throughput >= 150/s").verdict).toBe("pass");
    expect(result(fault, "throughput >= 199/s").verdict).toBe("fail");
  });

  it("is not called broken when the load never asked for it", () => {
    const { verdict, reason } = result(only(run(["throughput >= 300/s"], {})), "throughput >= 300/s");
    expect(verdict).toBe("inconclusive");
    expect(reason).toContain("Only 200/s were due");
  });

  it("in the closed model is judged by how the seconds vary", () => {
    const open = run(["throughput >= 150/s"], { at: (s) => ({ ratePerS: 180 + (s % 7) }) });
    const closed: RunRecord = {
      ...open,
      load: {
        ...open.load,
        model: { kind: "closed", profile: { startValue: 10, stages: [] }, thinkTimeMs: 0 },
      },
    };
    expect(result(only(closed), "throughput >= 150/s").verdict).toBe("pass");
    const judged = analyse(closed, { slos: [slo("throughput >= 190/s")] }).faults[0]!;
    expect(result(judged, "throughput >= 190/s").verdict).toBe("fail");
  });
});

describe("recovery and detection", () => {
  const slow = (badSeconds: number) => ({
    at: (s: number) => (s < badSeconds ? { bad: { reset: 1 } } : {}),
  });

  it("measures from the fault's removal", () => {
    const record = run(["availability >= 99%", "recovery < 5s"], { bad: { refused: 1 } }, slow(7));
    const fault = only(record);
    expect(fault.recovery).toMatchObject({ seconds: 7, censored: false, holdS: 10 });
    expect(result(fault, "recovery < 5s")).toMatchObject({ verdict: "fail", observed: 7, target: 5 });
    expect(only(removedEarlier(record, 1.5)).recovery.seconds).toBe(8);
  });

  const removedEarlier = (record: RunRecord, byS: number): RunRecord => ({
    ...record,
    faults: record.faults.map((each) => ({ ...each, removedAtS: each.removedAtS! - byS })),
  });

  it.each([
    // Back at once: the moment that faultline took between removal and its first judged second is not the system's.
    [0, 0.11, 0, "pass"],
    // Back after 62 ms: the second in which that was is over after 1 s.
    [1, 0.11, 1, "pass"],
    [1, 0.95, 1, "pass"],
    [2, 0.11, 2, "fail"],
    [1, 1.2, 2, "fail"],
  ] as const)(
    "counts whole seconds: %i bad ones, the first %f s after the removal, are %i s",
    (badSeconds, byS, seconds, verdict) => {
      const slos = ["availability >= 99%", "recovery < 1s", "recovery <= 1s"];
      const fault = only(removedEarlier(run(slos, { bad: { refused: 1 } }, slow(badSeconds)), byS));
      expect(fault.recovery).toMatchObject({ seconds, censored: false });
      // Measured time has no "exactly": both ask the same.
      for (const expected of ["recovery < 1s", "recovery <= 1s"])
        expect(result(fault, expected)).toMatchObject({ verdict, observed: seconds });
    },
  );

  it("counts whole seconds until a fault is seen, too", () => {
    const record = run(["availability >= 99%", "detection <= 1s"], { bad: { refused: 1 } });
    const faults = record.faults.map((each) => ({ ...each, injectedAtS: each.injectedAtS! - 0.2 }));
    const fault = only({ ...record, faults });
    expect(fault.detection).toMatchObject({ seconds: 1, censored: false });
    expect(result(fault, "detection <= 1s").verdict).toBe("pass");
  });

  it("never seen: a lower bound, and a broken SLO when its target has passed", () => {
    const fault = only(run(["availability >= 99%", "recovery < 5s"], {}, { bad: { reset: 0.1 } }));
    expect(fault.recovery).toMatchObject({ seconds: 40, censored: true });
    expect(result(fault, "recovery < 5s")).toMatchObject({ verdict: "fail", censored: true });
  });

  it("does not pass a system that is still broken at the end, even without a recovery SLO", () => {
    const fault = only(
      run(["availability >= 99%"], {}, { at: (s) => (s >= 30 ? { bad: { reset: 0.3 } } : {}) }),
    );
    expect(fault.verdict).toBe("fail");
    expect(fault.slos.at(-1)).toMatchObject({ phase: "recovery", verdict: "fail", target: null });
  });

  it("does not blame the system for a recovery that only the generator's lateness breaks", () => {
    const broken = run(["p99 < 500ms"], {}, { at: (s) => (s === 39 ? { medianMs: 700, spread: 0.1 } : {}) });
    const atEnd = "back at its SLOs by the end of the recovery";
    expect(result(only(broken), atEnd).verdict).toBe("fail");
    const { verdict, reason } = result(only(allByLag(broken)), atEnd);
    expect(verdict).toBe("inconclusive");
    expect(reason).toContain("generator's own lateness");

    const slow = run(
      ["p99 < 500ms", "recovery < 5s"],
      {},
      { at: (s) => (s < 7 ? { medianMs: 700, spread: 0.1 } : {}) },
    );
    expect(result(only(slow), "recovery < 5s").verdict).toBe("fail");
    expect(result(only(allByLag(slow)), "recovery < 5s").verdict).toBe("inconclusive");
  });

  it("does not fail a recovery that is only too short to show it, and says so", () => {
    const record = run(["availability >= 99%"], {}, { seconds: 8 });
    const fault = only(record);
    expect(fault.verdict).toBe("pass");
    expect(fault.recovery.censored).toBe(true);
    expect(fault.findings.join()).toContain("It takes 10 good seconds in a row");
    const asked = only(run(["availability >= 99%", "recovery < 5s"], {}, { seconds: 8 }));
    expect(result(asked, "recovery < 5s").verdict).toBe("inconclusive");
  });

  it("holds the system to the scenario's promises after a fault that had an allowance", () => {
    const allowed = slo("availability >= 40%", { fault: "cache cut off" });
    const promised = slo("availability >= 99%", { exceptFaults: ["cache cut off"] });
    const fault = only(run([promised, allowed], { bad: { refused: 0.5 } }, { bad: { refused: 0.2 } }));
    expect(fault.slos.map(({ expect: text, verdict }) => [text, verdict])).toEqual([
      ["availability >= 40%", "pass"],
      ["back at its SLOs by the end of the recovery", "fail"],
    ]);
  });

  it("times detection by the first second that is visibly broken", () => {
    const fault = only(
      run(["availability >= 99%", "detection <= 4s"], { at: (s) => (s >= 3 ? { bad: { refused: 1 } } : {}) }),
    );
    expect(fault.detection).toMatchObject({ seconds: 4, censored: false });
    expect(result(fault, "detection <= 4s").verdict).toBe("pass");
    const unseen = only(run(["availability >= 99%", "detection > 10s"], {}));
    expect(unseen.detection).toMatchObject({ seconds: 40, censored: true });
    expect(result(unseen, "detection > 10s").verdict).toBe("pass");
  });
});

describe("what cannot be trusted", () => {
  it("what only a late generator has made slow is left open, not laid to the system", () => {
    const open = result(only(run(["p99 < 500ms"], { lagMs: 80, medianMs: 300 })), "p99 < 500ms");
    expect(open.verdict).toBe("inconclusive");
    expect(open.reason).toContain("generator's own lateness decides");
    expect(open.lateness).toEqual({ decides: true, judgedFrom: "due" });
  });

  it("a late generator leaves the tight target open, not the answers that failed nor the loose target", () => {
    const slos = ["p99 < 30ms", "p99.5 < 900ms", "availability >= 99%", "detection < 3s"];
    const failing = only(run(slos, { lagMs: 15, bad: { http_error: 0.5 } }));
    expect(slos.map((text) => result(failing, text).verdict)).toEqual(["fail", "fail", "fail", "pass"]);
    const slow = only(run(slos, { lagMs: 15, medianMs: 20 }));
    expect(slos.map((text) => result(slow, text).verdict)).toEqual([
      "inconclusive",
      "pass",
      "pass",
      "inconclusive",
    ]);
    expect(slow.verdict).toBe("inconclusive");
    const healthy = only(run(slos.slice(0, 3), { lagMs: 15 }));
    // What was late by 15 ms took no longer than 30 ms even so.
    expect(healthy.verdict).toBe("pass");
  });

  it("a few late seconds do not", () => {
    const twice = { at: (s: number) => (s < 2 ? { lagMs: 80 } : {}) };
    expect(result(only(run(["p99 < 500ms"], twice)), "p99 < 500ms").verdict).toBe("pass");
  });

  it("requests that the generator did not send make it invalid", () => {
    const record = run(["availability >= 99%"], { bad: { unsent: 0.3 } });
    const phases = record.phases.map((phase) => ({
      ...phase,
      all: { ...phase.all, unsentByGenerator: phase.all.outcomes.unsent },
    }));
    expect(only({ ...record, phases }).verdict).toBe("invalid");
    expect(only(record).verdict).toBe("fail");
  });

  it("a lost load thread makes it invalid", () => {
    expect(only(run(["availability >= 1%"], { lost: "a thread ended" })).verdict).toBe("invalid");
  });

  it("verdicts that hang on the generator's own lateness are left open", () => {
    const record = run(["p99 < 100ms"], { medianMs: 80, spread: 0.1 });
    const { verdict, reason } = result(only(allByLag(record)), "p99 < 100ms");
    expect(verdict).toBe("inconclusive");
    expect(reason).toContain("generator's own lateness");
  });

  it("a fault that touched nothing is invalid with all its rows, whatever was seen while it was on", () => {
    const proof = {
      strength: "none",
      proven: false,
      explanation: "no connection crossed the proxy",
      targets: [],
    } as const;
    const faults = [{ name: "cache cut off", proof }];
    for (const during of [{}, { bad: { refused: 1 } }]) {
      const fault = only(run(["availability >= 99%", "recovery < 15s"], during, {}, { faults }));
      expect(fault.verdict).toBe("invalid");
      expect(fault.slos.map(({ verdict, reason }) => ({ verdict, reason }))).toEqual(
        fault.slos.map(() => ({ verdict: "invalid", reason: fault.reason })),
      );
      expect(fault.reason).toContain("did what was asked: no connection crossed the proxy");
    }
  });
});

describe("a run that did not go as planned", () => {
  const slos = ["availability >= 99%"];

  it("is invalid with exit 4 when the baseline does not hold", () => {
    const record = buildRecord({
      slos: slos.map((text) => slo(text)),
      phases: [{ kind: "baseline", seconds: 40, bad: { refused: 0.2 } }],
      faults: [{ name: "x", notRun: "the baseline does not hold its SLOs" }],
    });
    const report = analyse(record);
    expect(report).toMatchObject({ verdict: "invalid", exitCode: 4, score: null });
    expect(report.faults[0]?.verdict).toBe("not_run");
  });

  it("an undecided baseline makes the run undecided", () => {
    const record = buildRecord({
      slos: slos.map((text) => slo(text)),
      ratePerS: 200,
      phases: [
        { kind: "baseline", seconds: 10 },
        { kind: "fault", fault: "x", seconds: 40 },
        { kind: "recovery", fault: "x", seconds: 40 },
      ],
    });
    expect(analyse(record)).toMatchObject({ verdict: "inconclusive", exitCode: 3 });
  });

  it.each([
    [{ kind: "aborted", reason: "error_rate > 80% for 5s", atS: 60 }, "aborted", 1],
    [{ kind: "interrupted", reason: "SIGINT", atS: 60 }, "aborted", 130],
    [{ kind: "failed", code: "SERVICE_FAILED", reason: "shop died", atS: 20 }, "invalid", 4],
    [{ kind: "failed", code: "SERVICE_FAILED", reason: "shop died", atS: 60 }, "fail", 1],
    [{ kind: "failed", code: "TOXIPROXY_UNREACHABLE", reason: "gone", atS: 60 }, "invalid", 4],
    [{ kind: "failed", code: "ROLLBACK_FAILED", reason: "toxic left", atS: 60 }, "invalid", 5],
    [{ kind: "failed", code: "OF_A_LATER_VERSION", reason: "?", atS: 60 }, "invalid", 4],
  ] as const)("%j", (ending, verdict, exitCode) => {
    expect(analyse(run(slos, {}, {}, { ending }))).toMatchObject({ verdict, exitCode });
  });

  it.each([
    ["interrupted", { kind: "interrupted", reason: "SIGINT", atS: 60 }],
    ["aborted", { kind: "aborted", reason: "error_rate > 80% for 5s", atS: 60 }],
  ] as const)(
    "says of the fault that it was %s in, and of those after it, what became of them",
    (how, ending) => {
      const faults = [{ name: "cache cut off", proof: null }];
      const record = run(slos, { seconds: 20 }, {}, { ending, faults });
      const later = { ...record.plannedPhases[1]!, id: "fault-9", fault: "slow cache", startMs: 200_000 };
      const report = analyse({ ...record, plannedPhases: [...record.plannedPhases, later] });
      const [cut, missed] = report.faults;
      expect(cut).toMatchObject({
        verdict: "invalid",
        reason: `The run was ${how} before this fault was judged.`,
        slos: [{ verdict: "invalid" }],
      });
      expect(cut?.findings.join()).not.toContain("could not be shown");
      expect(cut?.injection.explanation).toBe(cut?.reason);
      expect(missed).toMatchObject({
        name: "slow cache",
        verdict: "not_run",
        reason: `The run was ${how} before it.`,
        slos: [{ verdict: "not_run" }],
      });
      expect(report.score).toBeNull();
    },
  );

  it("a search that was cut short never passes; one that was done before stays what it was", () => {
    const search = {
      proxy: "inventory",
      attribute: "latency",
      unit: "ms",
      until: "p99 < 400ms",
      holdsUpTo: 250,
      breaksAt: 1500,
      trials: [{ value: 250, phase: "fault-1", verdict: "pass" }],
    };
    const ending = { kind: "interrupted", reason: "SIGINT", atS: 60 } as const;
    const cut = only(run(slos, {}, {}, { ending, faults: [{ name: "cache cut off", search }] }));
    expect(cut.verdict).toBe("inconclusive");
    expect(cut.reason).toMatch(
      /^The search ended early, as the run was interrupted\. "p99 < 400ms" holds up to/,
    );
    const phases: PhaseSketch[] = [
      { kind: "baseline", seconds: 40 },
      { kind: "fault", fault: "how slow", seconds: 10 },
      { kind: "fault", fault: "cache cut off", seconds: 10 },
    ];
    const faults = [
      { name: "how slow", search },
      { name: "cache cut off", proof: null },
    ];
    expect(only(run(slos, {}, {}, { ending, phases, faults })).verdict).toBe("pass");
  });

  it("names the worst failure, not the first", () => {
    const phases: PhaseSketch[] = [
      { kind: "baseline", seconds: 40 },
      { kind: "fault", fault: "slow", seconds: 40, medianMs: 600 },
      { kind: "recovery", fault: "slow", seconds: 20 },
      { kind: "fault", fault: "flaky", seconds: 40, bad: { reset: 0.3 } },
      { kind: "recovery", fault: "flaky", seconds: 20 },
      { kind: "fault", fault: "cut off", seconds: 40, bad: { refused: 1 } },
      { kind: "recovery", fault: "cut off", seconds: 20 },
    ];
    const report = analyse(run(["p99 < 400ms", "availability >= 99%"], {}, {}, { phases }));
    expect(report.reason).toMatch(
      /^In "cut off": availability fell from 100% to 0%, promised ≥ 99%\. .* Also broken: "p99 < 400ms"\. All 3 faults/,
    );
  });

  it("says how near a pass came to its limits, and what a search found", () => {
    const near = analyse(run(["p99 < 400ms"], { medianMs: 300, spread: 0.01 }));
    expect(near.reason).toMatch(
      /^Every SLO held in the one fault\. Nearest to its limit, in "cache cut off": p99 rose from \S+ ms to 30\d ms, promised < 400 ms\.$/,
    );
    const easy = analyse(run(["p99 < 30s"], { medianMs: 9 }));
    expect(easy.reason).toBe("Every SLO held in the one fault.");
    const search = {
      proxy: "inventory",
      attribute: "latency",
      unit: "ms",
      until: "p99 < 400ms",
      holdsUpTo: 250,
      breaksAt: 300,
      trials: [{ value: 250, phase: "fault-1", verdict: "pass" }],
    };
    const found = analyse(run(slos, {}, {}, { faults: [{ name: "cache cut off", search }] }));
    expect(found.reason).toBe(
      '"p99 < 400ms" holds up to 250 ms of latency on inventory and breaks at 300 ms.',
    );
    expect(found.faults[0]?.injection.description).toBe("latency of 250 ms on inventory, in 1 trial");
  });

  it("says in which fault it was aborted, and how far into it", () => {
    const faults = [{ name: "cache cut off" }];
    const at = (atS: number) =>
      analyse(
        run(slos, {}, {}, { faults, ending: { kind: "aborted", reason: "error_rate > 80% for 5s", atS } }),
      ).reason;
    expect(at(52.44)).toBe('The run was aborted 12.4 s into "cache cut off": error_rate > 80% for 5s.');
    expect(at(100)).toBe(
      'The run was aborted in the recovery from "cache cut off": error_rate > 80% for 5s.',
    );
    expect(at(20)).toBe("The run was aborted: error_rate > 80% for 5s.");
  });

  it("fails a fault that a service did not survive, and says what that said", () => {
    const outputTail =
      "node:events:502\n      throw er; // Unhandled 'error' event\nError: read ECONNRESET\n    at TCP (node:1)";
    const services = [
      { name: "cache", exit: null, outputTail: "fatal: not this one" },
      { name: "shop", exit: "exited with code 1", outputTail },
    ];
    const died = (atS: number) => {
      const ending = { kind: "failed", code: "SERVICE_FAILED", reason: "in other words", atS } as const;
      return analyse(
        run(slos, {}, {}, { ending, services, faults: [{ name: "cache cut off", proof: null }] }),
      );
    };
    const under = died(42);
    expect(under.reason).toBe(
      'In "cache cut off": Service "shop" exited with code 1, 2 s into it. It said "Error: read ECONNRESET".',
    );
    expect(under.faults[0]).toMatchObject({ verdict: "fail", slos: [{ verdict: "invalid" }] });
    expect(died(100).reason).toContain('Service "shop" exited with code 1, in the recovery from it.');
  });

  it("names the service that died first, whichever was started first", () => {
    const services = [
      { name: "shop", exit: "exited with code 4", exitAtS: 41.3, outputTail: "" },
      { name: "inventory", exit: "exited with code 3", exitAtS: 41.2, outputTail: "" },
    ];
    const ending = { kind: "failed", code: "SERVICE_FAILED", reason: "in other words", atS: 42 } as const;
    const { reason } = analyse(
      run(slos, {}, {}, { ending, services, faults: [{ name: "cache cut off", proof: null }] }),
    );
    expect(reason).toBe('In "cache cut off": Service "inventory" exited with code 3, 2 s into it.');
  });

  it("says what went wrong where it was aborted before any fault", () => {
    const record = buildRecord({
      slos: [slo("availability >= 99%")],
      phases: [
        {
          kind: "baseline",
          seconds: 3,
          bad: { refused: 1 },
          reasons: { "TLS: self-signed certificate": 300 },
        },
      ],
      ending: { kind: "aborted", reason: "error_rate > 80% for 3s", atS: 3 },
    });
    expect(analyse(record).reason).toBe(
      'The run was aborted: error_rate > 80% for 3s. Requests failed most often by "TLS: self-signed certificate".',
    );
  });

  it("says what went wrong most often in a baseline that does not hold", () => {
    const reasons = { "status 200, expected 201": 1500, "no answer within 1 s": 100 };
    const phases: PhaseSketch[] = [{ kind: "baseline", seconds: 40, bad: { http_error: 0.2 }, reasons }];
    const faults = [{ name: "x", notRun: "the baseline did not hold" }];
    const { reason } = analyse(run(slos, {}, {}, { phases, faults }));
    expect(reason).toContain('Requests failed most often by "status 200, expected 201".');
    const slow: PhaseSketch[] = [
      { kind: "baseline", seconds: 40, medianMs: 700, reasons: { "status 503": 1 } },
    ];
    expect(analyse(run(["p99 < 400ms"], {}, {}, { phases: slow, faults })).reason).not.toContain("status");
  });

  it("says what to do about idle connections that the service closes", () => {
    const reasons = { "closed idle": 1600, ECONNRESET: 2 };
    const phases: PhaseSketch[] = [{ kind: "baseline", seconds: 40, bad: { reset: 0.2 }, reasons }];
    expect(analyse(run(slos, {}, {}, { phases, faults: [] })).reason).toContain(
      '"closed idle". 1,600 requests were sent on idle connections just as the service closed them: set keepAlive: false',
    );
    const record = run(slos, { bad: { reset: 0.01 }, reasons: { "closed idle": 1 } });
    expect(analyse(record).faults[0]?.findings.join(" ")).toContain(
      "1 request was sent on an idle connection just as the service closed it: set keepAlive: false",
    );
    expect(analyse(run(slos, {})).faults[0]?.findings.join(" ")).not.toContain("idle");
  });

  it("faults that were not run leave the run undecided at best", () => {
    const record = run(
      slos,
      {},
      {},
      { faults: [{ name: "cache cut off" }, { name: "later", notRun: "not back in time" }] },
    );
    const report = analyse(record);
    expect(report).toMatchObject({ verdict: "inconclusive", exitCode: 3 });
    expect(report.faults[1]).toMatchObject({ verdict: "not_run", reason: "not back in time" });
    // Seconds that nobody saw count as bad.
    expect(report.score?.value).toBe(0);
  });
});

test("a recovery as short as it was planned takes nothing from the score", () => {
  expect(analyse(run(["availability >= 99%"], {}, { seconds: 4 })).score?.value).toBe(100);
  // A promise says how long to look.
  const promised = analyse(run(["availability >= 99%", "recovery < 8s"], {}, { seconds: 4 }));
  expect(promised.score?.explanation).toContain("(4 s that were not observed count as bad)");
});

describe("fault against baseline", () => {
  it("calls it degraded with its interval, and says what would have been too small to see", () => {
    const [worse] = only(run(["availability >= 50%"], { bad: { refused: 0.2 } })).comparison;
    expect(worse).toMatchObject({ degraded: true });
    expect(worse?.interval[0]).toBeGreaterThan(0.15);
    const [same] = only(run(["availability >= 50%"], {})).comparison;
    expect(same).toMatchObject({ degraded: false });
    expect(same?.smallestVisible).toBeGreaterThan(0);
    expect(same?.smallestVisible).toBeLessThan(0.01);
  });

  it("gives the ratio of quantiles with its interval", () => {
    const [compared] = only(run(["p99 < 5s"], { medianMs: 80 })).comparison;
    expect(compared?.ratio?.value).toBeGreaterThan(8);
    expect(compared?.ratio?.value).toBeLessThan(12);
    expect(compared?.ratio?.interval[0]).toBeGreaterThan(7);
    expect(compared?.sentence).toMatch(
      /^Slower.*; p99 was [\d.]+x the baseline's \(95% interval \S+x to \S+x\)\.$/,
    );
    const [same] = only(run(["p99 < 5s"], {})).comparison;
    expect(same?.sentence).toMatch(
      /^No degradation shown.*, and a rise below \S+x would not have been seen\.$/,
    );
  });

  it("by what was observed alone it shows no interval", () => {
    const record = run(["availability >= 99%", "p99 < 5s"], { medianMs: 80, bad: { refused: 0.2 } });
    const fault = only(record, "observed");
    const sentences = [...fault.comparison, fault.errorBudget!].map(({ sentence }) => sentence).join(" ");
    expect(sentences).toContain("bad during the fault");
    expect(sentences).not.toMatch(/interval|% to |would not have been seen|egrad/);
    expect(only(record, "interval").errorBudget?.sentence).toMatch(/% to /);
  });

  it("reckons the error budget with the recovery's tail", () => {
    const fault = only(
      run(
        ["availability >= 99.9%"],
        { bad: { refused: 1 } },
        { at: (s) => (s < 5 ? { bad: { reset: 1 } } : {}) },
      ),
    );
    expect(fault.errorBudget?.burnRate).toBeCloseTo(1000, 6);
    // 45 s of nothing but errors at 99.9%: 1000 · 0.75 min / 43,200 min; the recovery's hold was not seen in 40 s.
    expect(fault.errorBudget?.consumed).toBeGreaterThan(0.0173);
    expect(fault.errorBudget?.consumed).toBeLessThan(0.0175);
  });

  it("is that of the scenario's promise, not of what was allowed during the fault", () => {
    const name = "cache cut off";
    const promised = { ...slo("availability(browse) >= 99%"), exceptFaults: [name] };
    const allowed = { ...slo("availability(browse) >= 50%"), fault: name };
    const { errorBudget, verdict } = only(run([promised, allowed], { bad: { refused: 0.4 } }));
    expect(verdict).toBe("pass");
    expect(errorBudget?.slo).toBe("availability(browse) >= 99%");
    expect(errorBudget?.burnRate).toBeCloseTo(40, 0);
    expect(errorBudget?.sentence).toContain("error budget of availability(browse) >= 99%");
  });
});

describe("a fault that nobody saw the system's traffic meet", () => {
  const proof = (strength: "listed" | "probed" | "observed") => ({
    faults: [
      {
        name: "cache cut off",
        proof: { strength, proven: true, explanation: "cache: as told", targets: [] },
      },
    ],
  });

  it("passes nothing, in either kind of evidence", () => {
    for (const strength of ["listed", "probed"] as const) {
      for (const evidence of ["interval", "observed"] as const) {
        const record = run(["availability >= 90%", "recovery < 20s"], {}, {}, proof(strength));
        const report = analyse(record, { evidence });
        expect(report).toMatchObject({ verdict: "inconclusive", exitCode: 3 });
        expect(report.faults[0]?.slos.map(({ verdict }) => verdict)).toEqual([
          "inconclusive",
          "inconclusive",
        ]);
        expect(report.reason).toContain("not seen that the system's traffic met the fault: cache: as told");
      }
    }
    expect(analyse(run(["availability >= 90%"], {}, {}, proof("observed"))).verdict).toBe("pass");
  });

  it("passes what held where the system was hurt all the same: it did not go around the fault", () => {
    const hurt = { bad: { refused: 0.3 } };
    expect(analyse(run(["availability >= 50%"], hurt, {}, proof("probed"))).verdict).toBe("pass");
  });

  it("is blamed all the same for what broke while it was on", () => {
    const record = run(["availability >= 90%"], { bad: { timeout: 0.5 } }, {}, proof("listed"));
    expect(analyse(record).verdict).toBe("fail");
  });
});

describe("a fault whose proxy hardly anything crossed in the baseline", () => {
  /** 8,000 requests are in the baseline. */
  const crossed = (clientReads: number | null, bytes: number, protocols?: readonly WireProtocol[]) => {
    const traffic = { connections: 1, bytes, clientReads };
    const sides = { listen: "127.0.0.1:1", upstream: "127.0.0.1:2" };
    const seen = { ...sides, baseline: traffic, fault: traffic, ...(protocols && { protocols }) };
    const targets = [proxyTarget({ proxy: "cache", toxics: [], isEnabled: true, traffic: seen })];
    const proof = { strength: "observed", proven: true, explanation: "cache: as told", targets } as const;
    return { faults: [{ name: "cache cut off", proof }] };
  };
  const HEARTBEAT =
    /^Only 40 messages \(8\.56 kB\) crossed cache in the baseline, for 8,000 requests: it may be a heartbeat/;

  it("comes with a warning first of all, and keeps its verdict", () => {
    const fault = only(run(["availability >= 90%"], {}, {}, crossed(40, 8_560)));
    expect(fault.verdict).toBe("pass");
    expect(fault.findings[0]).toMatch(HEARTBEAT);
  });

  it("names the cause where the protocol is known, and what to set", () => {
    const [warning] = only(run(["availability >= 90%"], {}, {}, crossed(40, 8_560, ["kafka"]))).findings;
    expect(warning).toContain(
      "for 8,000 requests: Kafka's clients go on to the address that the broker advertises",
    );
  });

  it("comes with none where every tenth request uses it, where so many bytes crossed that several calls came at once, or where it is not known", () => {
    for (const more of [crossed(800, 8_560), crossed(40, 160_000), crossed(null, 0)]) {
      expect(only(run(["availability >= 90%"], {}, {}, more)).findings.join()).not.toContain("heartbeat");
    }
  });

  it("comes with none where the system was hurt: what crossed was what it needs", () => {
    const hurt = run(["availability >= 50%"], { bad: { refused: 0.3 } }, {}, crossed(40, 8_560));
    expect(only(hurt).findings.join()).not.toContain("heartbeat");
  });
});

describe("a fault in stages", () => {
  it("is described with all of them", () => {
    const record = run(["availability >= 90%"], {});
    const stages = [{ atMs: 3_000, actions: [] }];
    const faults = record.faults.map((fault) => ({ ...fault, stages }));
    expect(only({ ...record, faults }).injection.description).toBe(
      "latency 300 ms ± 50 ms on inventory; after 3 s: nothing",
    );
  });
});

describe("a search", () => {
  it("was run, and says why no single recovery of it was timed", () => {
    const { recovery, detection } = only(SAVED_RUNS.search());
    for (const { seconds, explanation } of [recovery, detection]) {
      expect(seconds).toBeNull();
      expect(explanation).toBe("Each trial of a search has a recovery of its own; none of them is timed.");
    }
  });
});

describe("a phase that a busy runner ended some milliseconds late", () => {
  const ended = (more: number, model: "open" | "closed"): RunRecord => {
    const lastIsEmpty = { at: (second: number) => (second === 39 ? { ratePerS: 0 } : {}) };
    const record = run(
      ["availability >= 99%", "throughput >= 100/s", "recovery < 20s"],
      lastIsEmpty,
      lastIsEmpty,
    );
    const closed = { kind: "closed", profile: { startValue: 10, stages: [] }, thinkTimeMs: 0 } as const;
    return {
      ...record,
      load: { ...record.load, model: model === "closed" ? closed : record.load.model },
      phases: record.phases.map((phase) =>
        phase.kind === "baseline" ? phase : { ...phase, durationS: 39 + more },
      ),
    };
  };

  it("has not broken anything in the milliseconds in which nothing was due", () => {
    for (const model of ["open", "closed"] as const) {
      const fault = only(ended(0.003, model));
      expect(fault.slos.map(({ verdict }) => verdict)).toEqual(["pass", "pass", "pass"]);
      expect(fault.verdict).toBe("pass");
    }
  });

  it("is told from a system that was stalled when it ended: that is asked nothing in the closed model", () => {
    expect(only(ended(1, "closed")).reason).toContain("last seconds of the recovery");
    expect(only(ended(1, "open")).verdict).toBe("pass");
  });
});

describe("findings", () => {
  it("tell onset, kinds of failure, latency and recovery, from the record alone", () => {
    const during = { at: (s: number) => (s < 2 ? {} : { bad: { timeout: 0.5 } }) };
    const after = { at: (s: number) => (s < 3 ? { bad: { timeout: 0.5 } } : {}) };
    const { findings, recovery } = only(run(["availability >= 99%"], during, after));
    expect(findings.join("\n")).toMatch(/first requests to fail were due 2 s after the fault began/);
    expect(findings.join("\n")).toMatch(/failed: all were timeouts/);
    expect(findings.join("\n")).toMatch(/beyond the timeout of 1 s/);
    // Not a finding: it has a place of its own in every report.
    expect(findings.join("\n")).not.toMatch(/recover/i);
    expect(recovery).toMatchObject({ seconds: 3, holdS: 10 });
  });

  it("say when the system adapted, when callers noticed nothing, and when nothing could be sent", () => {
    const adapted = only(run(["availability >= 50%"], { at: (s) => (s < 6 ? { bad: { timeout: 1 } } : {}) }));
    expect(adapted.findings.join()).toContain("No more failures after second 6");
    expect(only(run(["availability >= 50%"], {})).findings.join()).toContain("Callers noticed nothing");
    const unsent = only(run(["availability >= 50%"], { bad: { unsent: 0.02 } }));
    expect(unsent.findings.join()).toContain("no connection was free");
  });

  it("do not say that callers noticed nothing when less was answered or the median rose below the same p99", () => {
    const fewer = only(run(["availability >= 50%"], { ratePerS: 90 }));
    expect(fewer.findings.join()).toContain("Good answers fell");
    expect(fewer.findings.join()).not.toContain("noticed nothing");
    // The slow tail is as long as it was, and half of the requests take twice as long.
    const slower = only(run(["availability >= 50%"], { medianMs: 12.5, spread: 0.05 }));
    expect(slower.findings.join()).not.toMatch(/noticed nothing|p99 rose/);
  });

  it("say kinds once when every request failed", () => {
    const { findings } = only(run(["availability >= 99%"], { bad: { refused: 1 } }));
    expect(findings[0]).toMatch(/^All [\d,]+ requests failed: refused connections/);
    expect(findings.join()).not.toMatch(/every second|Good answers fell/);
  });

  it("do not say that callers noticed nothing when they did afterwards", () => {
    const { findings } = only(run(["availability >= 50%"], {}, { bad: { timeout: 0.4 } }));
    expect(findings.join()).not.toContain("Callers noticed nothing");
  });

  it("claim nothing when nothing was due", () => {
    const { findings, verdict } = only(run(["availability >= 99%"], { ratePerS: 0 }));
    expect(verdict).toBe("inconclusive");
    expect(findings.join()).not.toContain("noticed nothing");
  });
});

describe("a failure that may not repeat", () => {
  const reason = (during: Partial<PhaseSketch>) => only(run(["availability >= 99%"], during)).slos[0]?.reason;

  it("is said to be few seconds close together only where it is", () => {
    expect(reason({ at: (s) => (s === 7 || s === 8 ? { bad: { reset: 0.6 } } : {}) })).toContain(
      "The bad seconds are few and close together, so it may not repeat.",
    );
    // In all of its seconds; only too short for more.
    expect(reason({ seconds: 8, bad: { reset: 0.03 } })).toMatch(
      /The phase of 8 s is too short to say that it would repeat\.$/,
    );
    const apart = reason({ at: (s) => (s === 2 || s === 20 || s === 39 ? { bad: { reset: 0.9 } } : {}) });
    expect(apart).toMatch(/The seconds differ too much to say that it would repeat\.$/);
  });
});

describe("a score", () => {
  it("is withheld where most of the faults' SLOs are undecided", () => {
    const slos = ["availability >= 50%", "p99 < 400ms"];
    const decided = analyse(run(slos, {}, {}, {}));
    expect(decided.score).not.toBeNull();
    const short = {
      phases: [
        { kind: "baseline", seconds: 40 },
        { kind: "fault", fault: "x", seconds: 5 },
      ],
    };
    const undecided = analyse(run(slos, {}, {}, short as Partial<RunSketch>));
    expect(undecided.baseline.verdict).toBe("pass");
    expect(undecided.faults[0]?.slos.map(({ verdict }) => verdict)).toContain("inconclusive");
    expect(undecided.score).toBeNull();
  });
});
