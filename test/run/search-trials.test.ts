import { expect, test } from "vitest";
import type { FaultSearchPlan } from "../../src/plan/run-plan.js";
import type { PlannedPhase } from "../../src/plan/timeline.js";
import { openFaultPlane } from "../../src/proxy/open.js";
import { PhaseRunner, type RunParts } from "../../src/run/phase-runner.js";
import { Recorder } from "../../src/run/recorder.js";
import { SearchTrials } from "../../src/run/search-trials.js";
import { StopSwitch } from "../../src/run/stop.js";
import { parseSlo } from "../../src/scenario/slo.js";

const until = parseSlo("p99 < 500ms", {});
if (!until.ok) throw new Error(until.error.message);
const search: FaultSearchPlan = {
  fault: "slower and slower",
  proxy: "cache",
  toxicType: "latency",
  attribute: "latency",
  unit: "ms",
  stream: "downstream",
  toxicity: 1,
  from: 0,
  to: 1_000,
  precision: 20,
  maxTrials: 12,
  trialMs: 1_000,
  recoveryMs: 1_000,
  until: until.slo,
};
const phase: PlannedPhase = {
  id: "fault-1",
  kind: "fault",
  fault: search.fault,
  startMs: 0,
  durationMs: 1_000,
  expectedRequests: 30,
};

/** Searches through a real plane, with a phase that the run is stopped in; resolves with what was recorded. */
async function searchWith(proxies: readonly string[]) {
  const faults = await openFaultPlane({ toxiproxyUrl: null, seed: 1 });
  try {
    await faults.createProxies(
      proxies.map((name) => ({ name, listen: "127.0.0.1:0", upstream: "127.0.0.1:9" })),
    );
    const recorder = new Recorder({}, (text) => text);
    const phases = { begin: () => Promise.reject(new Error("stopped")) };
    // No more of a run than a search that ends within its first trial uses.
    const parts = {
      plan: { slos: [], searches: [] },
      phases,
      faults,
      recorder,
      observer: {},
      stop: new StopSwitch(),
    } as unknown as RunParts;
    const error = await new SearchTrials(search, phase, parts, new PhaseRunner(parts))
      .run()
      .catch((why) => why);
    return { error, faults: recorder.faults };
  } finally {
    await faults.close();
  }
}

test("a search whose first toxic is refused was not injected, and leaves no record of itself", async () => {
  const { error, faults } = await searchWith([]);
  expect(error.message).toContain("cache");
  expect(faults).toEqual([]);
});

test("a search that is stopped within its first trial is recorded with the value that was in place", async () => {
  const { error, faults } = await searchWith(["cache"]);
  expect(error.message).toBe("stopped");
  expect(faults).toMatchObject([
    {
      name: search.fault,
      injectedAtS: 0,
      removedAtS: null,
      injections: [{ toxic: { attributes: { latency: 1_000 } } }],
    },
  ]);
});
