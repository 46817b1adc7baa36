import { expect, test } from "vitest";
import type { FaultInjector } from "../../../src/faults/fault-driver.js";
import { PhaseTraffic } from "../../../src/run/phases/phase-traffic.js";
import { Recorder } from "../../../src/run/phases/recorder.js";

/** Keeps for which phase something was noted. */
class Noted extends Recorder {
  readonly calls: string[] = [];

  override upstreams(phaseId: string): void {
    this.calls.push(`upstreams of ${phaseId}`);
  }

  override crossed(phaseId: string): void {
    this.calls.push(`crossed in ${phaseId}`);
  }
}

function trafficOf(answers: Partial<FaultInjector>) {
  const noted = new Noted({}, (text) => text);
  // It asks for nothing else.
  return { traffic: new PhaseTraffic(answers as FaultInjector, noted), noted };
}

const QUIET = { upstreamDials: async () => [], crossed: async () => [] };

test("what came before a phase belongs to the phase before it, and what came before all belongs to none", async () => {
  const { traffic, noted } = trafficOf(QUIET);
  await traffic.begins("baseline");
  expect(noted.calls).toEqual([]);
  await traffic.begins("fault");
  expect(noted.calls).toEqual(["upstreams of baseline", "crossed in baseline"]);
  noted.calls.length = 0;
  await traffic.finish();
  expect(noted.calls.sort()).toEqual(["crossed in fault", "upstreams of fault"]);
});

test("what crosses is handed over to a recovery before its load begins, and once", async () => {
  const { traffic, noted } = trafficOf(QUIET);
  await traffic.begins("fault");
  await traffic.crossesFor("recovery");
  expect(noted.calls).toEqual(["crossed in fault"]);
  await traffic.note();
  expect(noted.calls.slice(1).sort()).toEqual(["crossed in recovery", "upstreams of fault"]);
  noted.calls.length = 0;
  await traffic.begins("recovery");
  expect(noted.calls).toEqual(["upstreams of fault"]);
});

test("a server that is gone, or that counts nothing, stops no phase", async () => {
  const gone = async () => {
    throw new Error("gone");
  };
  for (const answers of [{ upstreamDials: gone, crossed: gone }, {}]) {
    const { traffic, noted } = trafficOf(answers);
    await traffic.begins("fault");
    await traffic.finish();
    expect(noted.calls.sort()).toEqual(["crossed in fault", "upstreams of fault"]);
  }
});
