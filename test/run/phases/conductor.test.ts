import { expect, test } from "vitest";
import type { FaultInjector } from "../../../src/faults/fault-driver.js";
import type { InjectionProof } from "../../../src/faults/proof.js";
import type { PhaseRecord } from "../../../src/measure/record.js";
import type { Step } from "../../../src/plan/steps.js";
import { Conductor } from "../../../src/run/phases/conductor.js";
import type { LoadPhases } from "../../../src/run/phases/load-phases.js";
import type { RunParts } from "../../../src/run/phases/phase-runner.js";
import { Recorder } from "../../../src/run/phases/recorder.js";
import { StopSwitch } from "../../../src/run/phases/stop-switch.js";
import { parseSlo } from "../../../src/slo/parse.js";
import type { Slo } from "../../../src/slo/slo.js";
import { monotonicMs } from "../../../src/support/clock.js";
import { buildRecord, type PhaseSketch } from "../../helpers/record-builder.js";
import { searchStep } from "../../helpers/search-step.js";

const FAULT = "slow cache";
const PROMISE = parseSlo("p99 < 100ms");
if (!PROMISE.ok) throw new Error("no SLO");
const SLO = PROMISE.slo;
const SLOS = [SLO];

const stretch = (id: string) => ({ id, startMs: 0, durationMs: 1, expectedRequests: 1 });

function baselineOf(sketch: Partial<PhaseSketch>): PhaseRecord {
  const [phase] = buildRecord({
    slos: SLOS,
    ratePerS: 100,
    phases: [{ kind: "baseline", seconds: 10, ...sketch }],
  }).phases;
  if (!phase) throw new Error("no phase");
  return phase;
}

/** Runs a plan of a baseline and a fault whose injection ends the test; the baselines are measured in turn. */
async function conduct(
  baselines: readonly PhaseRecord[],
  mayRetry = true,
  { killsInLaterStage = false } = {},
) {
  const left = [...baselines];
  const recorder = new Recorder({}, (text) => text);
  const order: string[] = [];
  let injected = 0;
  let isDead = false;
  const steps: readonly Step[] = [
    { kind: "baseline", during: stretch("baseline") },
    {
      kind: "fault",
      fault: { name: FAULT, round: 1 },
      actions: [],
      stages: [],
      during: stretch("fault-1"),
      recovery: stretch("recovery-1"),
    },
  ];
  const parts = {
    plan: {
      slos: SLOS,
      steps,
      evidence: "observed",
      maxRecoveryWaitMs: 0,
      load: { model: { kind: "open" }, timeoutMs: 2000 },
    },
    mayRetry,
    faults: {
      markBaseline: async () => {},
      inject: async () => {
        injected++;
      },
      prove: async (): Promise<InjectionProof> => {
        isDead = killsInLaterStage;
        return { strength: "observed", proven: true, explanation: "seen", targets: [] };
      },
      get staysDone() {
        return isDead;
      },
      clear: async () => {
        isDead = false;
        order.push("clear");
      },
      upstreamDials: async () => [],
      crossed: async () => {
        order.push("crossed");
        return [];
      },
    } satisfies Partial<FaultInjector>,
    phases: {
      begin: async () => monotonicMs(),
      change: async () => {},
      settle: async () => {
        const next = left.shift();
        if (!next) throw new Error("not expected");
        recorder.phase(next);
        return next;
      },
      snapshot: async () => left[0] ?? baselineOf({}),
      end: async () => {},
    } satisfies Partial<LoadPhases>,
    recorder,
    observer: {},
    stop: new StopSwitch(),
  };
  await new Conductor(parts as unknown as RunParts).run();
  const warnings = recorder.events().flatMap(({ kind, text }) => (kind === "warning" ? [text] : []));
  return { injected, recorder, warnings, order, unused: left.length };
}

/** 330 ms from when requests were due, of which the generator took 300: 100 are allowed. */
const LATE = { medianMs: 330, spread: 0.01, lagMs: 300 };
const under = (sketch: Partial<PhaseSketch>) => baselineOf({ kind: "fault", fault: FAULT, ...sketch });
const after = (sketch: Partial<PhaseSketch>) => baselineOf({ kind: "recovery", fault: FAULT, ...sketch });

test("a baseline that the generator's lateness left open is measured once more, and what it had is not judged", async () => {
  const good = baselineOf({});
  const { injected, recorder, warnings } = await conduct([baselineOf(LATE), good, under({})]);
  expect(injected).toBe(1);
  expect(recorder.phases[0]).toEqual(good);
  expect(recorder.unjudgedCounts.scheduled).toBe(1000);
  expect(warnings).toEqual([expect.stringMatching(/^the baseline is measured again: .*lateness/)]);
});

test("what crosses is a recovery's from when its fault is taken out, not from when its load begins", async () => {
  const { order } = await conduct([baselineOf({}), under({}), after({})]);
  // Begin and end of the baseline and of the fault, then before the fault is gone, and at the end of the run.
  expect(order).toEqual(["crossed", "crossed", "crossed", "crossed", "crossed", "clear", "crossed"]);
});

test("one whose load was not offered twice, and one that breaks its SLOs, end the run before any fault", async () => {
  const starved = baselineOf({ bad: { unsent: 0.05 }, unsentByGenerator: 1 });
  const again = await conduct([starved, starved]);
  expect(again.injected).toBe(0);
  expect(again.recorder.faults).toMatchObject([
    { name: FAULT, notRun: expect.stringContaining("unable to send") },
  ]);
  const slow = await conduct([baselineOf({ medianMs: 400 }), baselineOf({})]);
  expect(slow).toMatchObject({ injected: 0, unused: 1 });
});

test("a fault that the generator's lateness left open is measured once more, with its recovery", async () => {
  const good = [under({}), after({})];
  const { injected, recorder, warnings, unused } = await conduct([
    baselineOf({}),
    under(LATE),
    after({}),
    ...good,
  ]);
  // The last recovery ends with the load, and not by settling.
  expect({ injected, unused }).toEqual({ injected: 2, unused: 1 });
  expect(recorder.faults).toEqual([
    expect.objectContaining({
      firstTry: {
        fault: expect.objectContaining({ scheduled: 1000 }),
        recovery: expect.objectContaining({ scheduled: 1000 }),
      },
    }),
  ]);
  expect(recorder.phases.filter(({ kind }) => kind === "fault")).toEqual([good[0]]);
  expect(recorder.unjudgedCounts.scheduled).toBe(2000);
  expect(warnings).toEqual([expect.stringMatching(new RegExp(`^${FAULT} is measured again: .*lateness`))]);
});

test("no more than once, and not at all where something is broken or nobody wants it", async () => {
  const twice = await conduct([baselineOf({}), under(LATE), after({}), under(LATE), after({})]);
  expect(twice).toMatchObject({ injected: 2, unused: 1 });
  expect((await conduct([baselineOf({}), under({ medianMs: 900 })])).injected).toBe(1);
  expect((await conduct([baselineOf({}), under(LATE)], false)).injected).toBe(1);
  expect((await conduct([baselineOf(LATE), under({})], false)).injected).toBe(1);
});

test("a fault whose later stage has killed a service for good is not measured again", async () => {
  const measured = [baselineOf({}), under(LATE), after({})];
  expect((await conduct(measured, true, { killsInLaterStage: true })).injected).toBe(1);
});

const AVAILABILITY = parseSlo("availability >= 99%");
if (!AVAILABILITY.ok) throw new Error("no SLO");
const LATENCY_APART = [AVAILABILITY.slo];

/** Searches twice for the latency that breaks PROMISE, on a system that is slow from the first trial on; what was recorded. */
async function searchTwice(slos: readonly Slo[], baseline: PhaseRecord) {
  const broken = baselineOf({ kind: "fault", medianMs: 400 });
  const baselines = [baseline];
  const recorder = new Recorder({}, (text) => text);
  const names = ["how slow", "how narrow"];
  const steps: readonly Step[] = [
    { kind: "baseline", during: stretch("baseline") },
    ...names.map((name) =>
      searchStep({
        fault: { name, round: 1 },
        during: stretch("search"),
        to: 500,
        precision: 10,
        maxTrials: 5,
        trialMs: 1,
        recoveryMs: 0,
        until: SLO,
      }),
    ),
  ];
  const parts = {
    plan: {
      slos,
      steps,
      evidence: "observed",
      maxRecoveryWaitMs: 0,
      load: { model: { kind: "open" }, timeoutMs: 2000 },
    },
    faults: {
      markBaseline: async () => {},
      inject: async () => {},
      prove: async (): Promise<InjectionProof> => ({
        strength: "observed",
        proven: true,
        explanation: "seen",
        targets: [],
      }),
      clear: async () => {},
      upstreamDials: async () => [],
    } satisfies Partial<FaultInjector>,
    phases: {
      begin: async () => monotonicMs(),
      settle: async () => baselines.shift() ?? broken,
      snapshot: async () => broken,
      end: async () => {},
    } satisfies Partial<LoadPhases>,
    recorder,
    observer: {},
    stop: new StopSwitch(),
  };
  await new Conductor(parts as unknown as RunParts).run();
  return recorder.faults;
}

test("after a search whose last trial left the system broken nothing more is disturbed", async () => {
  expect(await searchTwice(SLOS, baselineOf({}))).toMatchObject([
    { name: "how slow", search: { trials: [{ value: 500, verdict: "fail" }] } },
    {
      name: "how narrow",
      injectedAtS: null,
      notRun: expect.stringMatching(/^how slow: the system was not back at its SLOs after trial 1/),
    },
  ]);
});

test("between trials the system has to be back at what is searched with, if it held that before", async () => {
  expect(await searchTwice(LATENCY_APART, baselineOf({}))).toMatchObject([
    {
      search: {
        trials: [{ value: 500, verdict: "fail" }],
        endedEarly: expect.stringContaining("p99 < 100ms"),
      },
    },
    { notRun: expect.stringContaining("p99 < 100ms") },
  ]);
  const bothEnds = { trials: [{ value: 500 }, { value: 0 }], endedEarly: null };
  expect(await searchTwice(LATENCY_APART, baselineOf({ medianMs: 400 }))).toMatchObject([
    { search: bothEnds },
    { search: bothEnds },
  ]);
});
