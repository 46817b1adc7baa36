import { describe, expect, it } from "vitest";
import { analyse } from "../../../src/analysis/analyse.js";
import { compareRuns } from "../../../src/analysis/compare/compare-runs.js";
import { useOfLimit } from "../../../src/analysis/document/telling-result.js";
import { PhaseView } from "../../../src/analysis/measurement/phase-view.js";
import { judgeSlo } from "../../../src/analysis/slo/judge.js";
import { slosForRecord } from "../../../src/analysis/slo/slos-for-record.js";
import { resolveAgainstBaseline } from "../../../src/analysis/slo/targets.js";
import { harRate, scoreRate } from "../../../src/analysis/statistics/rates.js";
import type { HttpTraffic } from "../../../src/faults/http-traffic.js";
import { parseRecord } from "../../../src/measure/read-record.js";
import type { PhaseRecord, RunRecord } from "../../../src/measure/record.js";
import { pageData } from "../../../src/report/html/page-data.js";
import { renderMarkdown } from "../../../src/report/markdown/markdown.js";
import { buildRecord } from "../../helpers/record-builder.js";

const FAULT = "slow cache";
const SECONDS = 40;
type PerSecond = (second: number) => number;
const spread = (values: PerSecond, seconds = SECONDS) => Array.from({ length: seconds }, (_, s) => values(s));

/** What crosses begins this much before the first request of a phase is due. */
const LEAD_S = 0.06;

/** A stretch of the phase, then one that goes on until the next phase: its requests are of no phase. */
function http({ startS, durationS }: PhaseRecord, requests: PerSecond, opened: PerSecond): HttpTraffic[] {
  const none = { routes: [], unreadable: 0 };
  const columns = { endTenthMs: [], tookTenthMs: [], connection: [], route: [], status: [], end: [] };
  const exchanges = { omitted: 0, ...columns, digest: [], flags: [] };
  const counted = (seconds: number, scale: number) => ({
    requests: spread((s) => scale * requests(s), seconds),
    opened: spread((s) => scale * opened(s), seconds),
    open: spread(() => 1, seconds),
    givenUp: spread(() => 0, seconds),
  });
  return [
    { proxy: "stock", startS: startS - LEAD_S, seconds: counted(durationS + 1, 1), ...none, exchanges },
    { proxy: "stock", startS: startS + durationS + 0.3, seconds: counted(3, 50), ...none, exchanges },
  ];
}

function accepted({ startS, durationS }: PhaseRecord, connections: PerSecond) {
  return [
    {
      proxy: "cache",
      fromS: spread((s) => startS - LEAD_S + s, durationS + 2),
      untilS: spread((s) => startS - LEAD_S + s + 1, durationS + 2),
      connections: spread(connections, durationS + 2),
    },
  ];
}

interface Crossed {
  readonly attempts?: PerSecond;
  readonly connections?: PerSecond;
}

interface Crossings {
  readonly baseline?: Crossed;
  readonly fault?: Crossed;
  readonly recovery?: Crossed;
}

function run(
  slos: readonly string[],
  crossings: Crossings,
  sketch: Partial<Parameters<typeof buildRecord>[0]> = {},
): RunRecord {
  const record = buildRecord({
    slos: [...slos, "availability >= 99%"],
    ratePerS: 100,
    phases: [
      { kind: "baseline", seconds: SECONDS },
      { kind: "fault", fault: FAULT, seconds: SECONDS },
      { kind: "recovery", fault: FAULT, seconds: SECONDS },
    ],
    ...sketch,
  });
  const phases = record.phases.map((phase) => {
    const { attempts, connections } =
      (phase.kind === "warmup" ? undefined : crossings[phase.kind]) ?? crossings.baseline ?? {};
    return {
      ...phase,
      ...(attempts ? { http: http(phase, attempts, connections ?? (() => 0)) } : {}),
      ...(connections ? { accepted: accepted(phase, connections) } : {}),
    };
  });
  // As it is read from a file.
  return parseRecord(JSON.stringify({ ...record, phases }), "record.json");
}

const slosOf = (record: RunRecord) => analyse(record).faults[0]?.slos ?? [];

describe("what a dependency gets", () => {
  it("is judged against the baseline and in absolute numbers, in the fault and in the recovery", () => {
    const record = run(
      [
        "attempts(stock) < 2x baseline",
        "attempts(stock) < 120/s in recovery",
        "connections(stock) < 5/s",
        "connections(cache) < 5/s",
      ],
      {
        baseline: { attempts: () => 100, connections: () => 1 },
        fault: { attempts: () => 300, connections: () => 2 },
        recovery: { attempts: (s) => (s === 0 ? 400 : 100), connections: () => 1 },
      },
    );
    const [relative, after, ofGateway, ofCache] = slosOf(record);
    expect(relative).toMatchObject({
      verdict: "fail",
      unit: "per_s",
      baseline: 100,
      observed: 300,
      target: 200,
      counts: null,
      share: null,
      reason: '"stock" got 300 requests/s over 40 s; less than 200/s promised.',
    });
    // The herd of the first second is in it.
    expect(after).toMatchObject({ phase: "recovery", verdict: "inconclusive", observed: 107.5 });
    expect(ofGateway).toMatchObject({ verdict: "pass", observed: 2 });
    expect(ofCache).toMatchObject({ verdict: "pass", observed: 2 });
    expect(renderMarkdown(analyse(record))).toContain(
      "attempts(stock) rose from 100/s to 300/s, promised &lt; 200/s (2x baseline)",
    );
  });

  it("passes, fails or is left open as its counts allow", () => {
    const verdict = (perS: PerSecond, slo = "attempts(stock) < 100/s", seconds = SECONDS) => {
      const phases = [
        { kind: "baseline", seconds },
        { kind: "fault", fault: FAULT, seconds },
        { kind: "recovery", fault: FAULT, seconds },
      ] as const;
      const [row] = slosOf(
        run([slo], { baseline: { attempts: () => 50 }, fault: { attempts: perS } }, { phases }),
      );
      return row;
    };
    expect(verdict(() => 80)?.verdict).toBe("pass");
    expect(verdict(() => 99)?.verdict).toBe("inconclusive");
    expect(verdict(() => 102)?.verdict).toBe("inconclusive");
    expect(verdict(() => 120)?.verdict).toBe("fail");
    // The same mean, in bursts: the next minute may have two of them.
    const inBursts = verdict((s) => (s >= 10 && s < 20 ? 320 : 0));
    expect(inBursts).toMatchObject({ verdict: "inconclusive", observed: 80 });
    expect(inBursts?.reason).toMatch(/as they came in bursts: use a longer phase\.$/);
    expect(verdict(() => 10, "attempts(stock) < 100/s", 20)?.reason).toMatch(
      /a phase must last 30 s to pass/,
    );
    expect(verdict(() => 200, "attempts(stock) < 100/s", 20)?.verdict).toBe("fail");
    const [lower, upper] = verdict(() => 80)?.interval ?? [];
    expect(Number(lower)).toBeLessThan(80);
    expect(Number(upper)).toBeGreaterThan(80);
  });

  it("is judged by its worst window", () => {
    const burst: PerSecond = (s) => (s === 7 ? 90 : 10);
    const record = run(
      ["attempts(stock) < 60/s for 1s", "attempts(stock) < 60/s for 2s", "attempts(stock) < 60/s for 60s"],
      { baseline: { attempts: () => 10 }, fault: { attempts: burst } },
    );
    const [second, two, longer] = slosOf(record);
    expect(second).toMatchObject({
      verdict: "fail",
      observed: 90,
      reason: 'In the worst 1 s (from second 8) "stock" got 90 requests/s; less than 60/s promised.',
    });
    expect(two).toMatchObject({ verdict: "pass", observed: 50, interval: null });
    expect(longer?.verdict).toBe("inconclusive");
  });

  it("is what was seen, with evidence: observed", () => {
    const record = run(
      ["attempts(stock) < 100/s", "attempts(stock) <= 100/s", "attempts(stock) < 101/s"],
      { baseline: { attempts: () => 10 }, fault: { attempts: () => 100 } },
      { evidence: "observed" },
    );
    expect(slosOf(record).map(({ verdict, interval }) => [verdict, interval])).toEqual([
      ["fail", null],
      ["pass", null],
      ["pass", null],
      ["pass", null],
    ]);
  });
});

describe("counts that are not there", () => {
  it("make it invalid, and say which", () => {
    const [attempts, connections] = slosOf(run(["attempts(stock) < 5/s", "connections(cache) < 5/s"], {}));
    expect(attempts).toMatchObject({
      verdict: "invalid",
      observed: null,
      reason: 'How many requests "stock" got is not known: nothing could be read from its gateway.',
    });
    expect(connections?.reason).toMatch(
      /^How many connections "cache" got is not known: its server does not count/,
    );
  });

  it("make it invalid, too, where they are of a part of the phase only", () => {
    const record = run(["connections(cache) < 50/s"], { baseline: { connections: () => 1 } });
    const cut = record.phases.map((phase) => ({
      ...phase,
      accepted: phase.accepted?.map((each) => ({
        ...each,
        fromS: each.fromS.slice(0, 20),
        untilS: each.untilS.slice(0, 20),
        connections: each.connections.slice(0, 20),
      })),
    }));
    const view = cut.find(({ kind }) => kind === "fault");
    if (!view) throw new Error("no fault");
    const [slo] = record.slos;
    if (!slo) throw new Error("no SLO");
    const judged = { slo, phase: "fault", baseline: null, after: null, invalid: null } as const;
    const context = { evidence: "interval", verdicts: 4, model: "open", timeoutMs: 1000 } as const;
    expect(
      judgeSlo({ ...judged, view: new PhaseView({ ...view, accepted: view.accepted ?? [] }) }, context),
    ).toMatchObject({
      verdict: "invalid",
      reason: 'The counters of "cache" could be read for 20 s of 40 s only.',
    });
  });

  it("leave windows open that lie in one long span, but not the mean", () => {
    const texts = ["connections(cache) < 50/s for 2s", "connections(cache) < 50/s"];
    const record = run(texts, { baseline: { connections: () => 1 } });
    const phase = record.phases.find(({ kind }) => kind === "fault");
    if (!phase) throw new Error("no fault");
    // Ten spans in one: the counter was not read for ten seconds.
    const accepted = phase.accepted?.map((each) => ({
      ...each,
      fromS: [...each.fromS.slice(0, 21), ...each.fromS.slice(31)],
      untilS: [...each.untilS.slice(0, 20), ...each.untilS.slice(30)],
      connections: [...each.connections.slice(0, 20), 10, ...each.connections.slice(31)],
    }));
    const view = new PhaseView({ ...phase, accepted });
    const judged = { phase: "fault", view, baseline: null, after: null, invalid: null } as const;
    const context = { evidence: "interval", verdicts: 4, model: "open", timeoutMs: 1000 } as const;
    const [window, mean] = record.slos.map((slo) => judgeSlo({ ...judged, slo }, context));
    expect(window?.verdict).toBe("inconclusive");
    expect(window?.reason).toMatch(/the counters were not read for 11 s, in which there may have been more/);
    expect(mean?.verdict).toBe("pass");
  });

  it("in the baseline leave nothing to compare with", () => {
    const record = run(["attempts(stock) < 2x baseline"], {
      baseline: { attempts: () => 0 },
      fault: { attempts: () => 5 },
    });
    expect(slosOf(record)[0]).toMatchObject({
      verdict: "invalid",
      reason: '"stock" got no requests in the baseline, so there is nothing to compare with.',
    });
    const unseen = run(["attempts(stock) < 2x baseline"], {});
    expect(slosOf(unseen)[0]).toMatchObject({
      verdict: "invalid",
      reason: "The baseline has no attempts(stock) to compare with, so this SLO has no target.",
    });
  });

  it("decide nothing where the load was not offered", () => {
    const starved = { bad: { unsent: 0.05 }, unsentByGenerator: 1 };
    const record = run(
      ["attempts(stock) < 100/s"],
      { baseline: { attempts: () => 10 } },
      {
        phases: [
          { kind: "baseline", seconds: SECONDS },
          { kind: "fault", fault: FAULT, seconds: SECONDS, ...starved },
          { kind: "recovery", fault: FAULT, seconds: SECONDS },
        ],
      },
    );
    expect(slosOf(record)[0]?.verdict).toBe("invalid");
  });
});

describe("around the verdict", () => {
  const calm = { baseline: { attempts: () => 100 } } as const;

  it("it is no sign of a recovery or of a detection, and draws no line in the charts", () => {
    const storm: Crossings = {
      baseline: { attempts: () => 100 },
      fault: { attempts: () => 400 },
      recovery: { attempts: () => 400 },
    };
    const record = run(["attempts(stock) < 200/s", "recovery < 10s"], storm);
    const report = analyse(record);
    const [fault] = report.faults;
    expect(fault?.recovery.seconds).toBe(0);
    expect(fault?.detection.censored).toBe(true);
    expect(pageData(report, record).throughputLines).toEqual([]);
  });

  it("it can be asked of a record afterwards", () => {
    const record = run([], calm);
    expect(slosForRecord(["attempts(stock) < 200/s"], record)).toHaveLength(1);
    expect(() => slosForRecord(["attempts(stok) < 200/s"], record)).toThrow(/known are those to stock\)$/);
    expect(() => slosForRecord(["connections(cache) < 5/s"], record)).toThrow(/known are those to stock\)$/);
  });

  it("its margin is the part of the limit that is used", () => {
    const [held] = slosOf(run(["attempts(stock) < 200/s"], calm));
    expect(held && useOfLimit(held)).toBeCloseTo(0.5, 2);
  });

  it("two runs are compared: more work for the dependency is worse", () => {
    const slo = "attempts(stock) < 1000/s";
    const of = (perS: number, startedAt: string) =>
      analyse(
        run([slo], { baseline: { attempts: () => 100 }, fault: { attempts: () => perS } }, { startedAt }),
      );
    const before = of(200, "2026-03-01T12:00:00.000Z");
    const answer = (perS: number) =>
      compareRuns(before, of(perS, "2026-03-02T12:00:00.000Z")).slos.find(
        (each) => each.slo === slo && each.fault !== null,
      );
    expect(answer(400)).toMatchObject({
      answer: "regressed",
      because: { id: "dependency_load", before: 200, now: 400 },
      reason: "400/s requests to stock after 200/s.",
    });
    expect(answer(100)?.answer).toBe("improved");
    expect(answer(200)?.answer).toBe("same");
  });

  it("relative targets are worked out from the mean of the baseline", () => {
    const record = run(["connections(cache) < baseline + 5/s"], { baseline: { connections: (s) => s % 3 } });
    const baseline = record.phases.find(({ kind }) => kind === "baseline") ?? null;
    const [slo] = resolveAgainstBaseline(record.slos, baseline);
    expect(slo?.target).toMatchObject({ kind: "absolute" });
    expect(slo?.target.kind === "absolute" && slo.target.value).toBeCloseTo(6, 1);
  });
});

describe("intervals of rates", () => {
  it("are those of the score test", () => {
    // (√(N + z²/4) ± z/2)² / T solves (N/T − λ)² = z² λ/T.
    for (const [count, seconds, z] of [
      [0, 10, 2],
      [3, 10, 2.33],
      [400, 40, 4.5],
    ] as const) {
      const [lower, upper] = scoreRate(count, seconds, z);
      for (const bound of count === 0 ? [upper] : [lower, upper]) {
        expect((count / seconds - bound) ** 2).toBeCloseTo((z * z * bound) / seconds, 9);
      }
    }
    expect(scoreRate(0, 10, 2)[0]).toBe(0);
  });

  it("are wider where counts come in runs, and never narrower than those of single events", () => {
    const lengthS = spread(() => 1);
    const even = harRate({ counts: spread(() => 50), lengthS }, 98);
    const inRuns = harRate({ counts: spread((s) => (Math.floor(s / 10) % 2 === 0 ? 100 : 0)), lengthS }, 98);
    expect(even).toMatchObject({ perS: 50, designEffect: 1 });
    expect(inRuns.perS).toBe(50);
    expect(inRuns.upper - inRuns.lower).toBeGreaterThan(3 * (even.upper - even.lower));
  });
});
