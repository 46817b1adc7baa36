import { expect, test } from "vitest";
import type { FaultInjector } from "../../../src/faults/fault-driver.js";
import type { LoadPhases } from "../../../src/run/phases/load-phases.js";
import { PhaseRunner, type RunParts } from "../../../src/run/phases/phase-runner.js";
import { Recorder } from "../../../src/run/phases/recorder.js";
import { StopSwitch } from "../../../src/run/phases/stop-switch.js";
import { monotonicMs } from "../../../src/support/clock.js";

/** A run whose Toxiproxy and load threads never answer; it has no more than the methods under test use. */
function unanswered() {
  const never = () => new Promise<never>(() => {});
  const stop = new StopSwitch();
  const parts = {
    plan: { slos: [], steps: [] },
    faults: { prove: never } satisfies Partial<FaultInjector>,
    phases: { snapshot: never } satisfies Partial<LoadPhases>,
    recorder: new Recorder({}, (text) => text),
    observer: {},
    stop,
  };
  return { stop, phases: new PhaseRunner(parts as unknown as RunParts) };
}

test("a run that is stopped waits neither for proof nor for a look at the recovery", async () => {
  const { stop, phases } = unanswered();
  const waiting = [
    phases.prove(),
    phases.awaitRecovery({ name: "slow cache", round: 1 }, { patienceMs: 60_000 }),
  ];
  const ends = Promise.allSettled(waiting);
  stop.trip({ kind: "interrupted", reason: "SIGINT" });
  expect(await ends).toMatchObject([
    { status: "rejected", reason: { message: "SIGINT" } },
    { status: "rejected", reason: { message: "SIGINT" } },
  ]);
}, 5_000);

test("a fault whose server never says what it met is not held longer than its requests may take", async () => {
  const parts = {
    plan: { slos: [], steps: [], load: { timeoutMs: 1_000 } },
    faults: { prove: () => new Promise<never>(() => {}), upstreamDials: async () => [] },
    // It should have ended half a minute ago.
    phases: { begin: async () => monotonicMs() - 60_000 },
    recorder: new Recorder({}, (text) => text),
    observer: {},
    stop: new StopSwitch(),
  };
  const phases = new PhaseRunner(parts as unknown as RunParts);
  const fault = { name: "slow cache", round: 1 };
  await phases.run({ kind: "fault", during: { id: "fault", durationMs: 30_000 }, fault });
  expect(await phases.prove()).toMatchObject({
    proven: false,
    explanation: expect.stringMatching(/in time/),
  });
}, 5_000);

test("a server that cannot be asked is no proof", async () => {
  const faults = { prove: () => Promise.reject(new Error("no answer within 3 s")) };
  const parts = { plan: { slos: [], steps: [] }, faults, stop: new StopSwitch() };
  const phases = new PhaseRunner(parts as unknown as RunParts);
  expect(await phases.prove()).toMatchObject({
    strength: "none",
    proven: false,
    explanation: "no answer within 3 s",
  });
});
