import { describe, expect, onTestFinished, test } from "vitest";
import { BUSY_LEASE_MS, LEASE_MS, Lease, Silence } from "../../../src/run/safety/lease.js";

describe("the watchdog's side", () => {
  /** Looks once a second from 0 on; the run's CPU time as it says. Resolves with the second of the first "over". */
  function overAt(cpuAt: (second: number) => number | null, heardAt: readonly number[] = [0]): number | null {
    const silence = new Silence();
    for (let second = 0; second <= 60; second++) {
      if (heardAt.includes(second)) silence.heard(second * 1000);
      if (silence.isOver({ atMs: second * 1000, cpu: cpuAt(second) })) return second;
    }
    return null;
  }

  test("a run that stands still has its lease", () => {
    expect(overAt(() => 7)).toBe(LEASE_MS / 1000 + 1);
    expect(overAt(() => null)).toBe(LEASE_MS / 1000 + 1);
  });

  test("one that uses CPU time has three times as long: it is short of it, or caught in something", () => {
    expect(overAt((second) => second)).toBe(BUSY_LEASE_MS / 1000 + 1);
  });

  test("one that is stopped after it was short of time has the lease from then on", () => {
    expect(overAt((second) => Math.min(second, 8))).toBe(8 + LEASE_MS / 1000 + 1);
  });

  test("each sign of life begins a new one, and before the first nothing is expected", () => {
    const always = Array.from({ length: 61 }, (_, second) => second);
    expect(overAt(() => 7, always)).toBeNull();
    expect(overAt(() => 7, [])).toBeNull();
    expect(overAt(() => 7, [0, 6])).toBe(6 + LEASE_MS / 1000 + 1);
  });
});

describe("the run's side", () => {
  /** A beat, and one that came so much later; what it used in between. */
  function standstills(silentMs: number, usedMs: number): number[] {
    const told: number[] = [];
    let [nowMs, cpuMs] = [0, 0];
    const lease = new Lease({
      beat: () => {},
      onStandstill: (ms) => told.push(ms),
      nowMs: () => nowMs,
      cpuMs: () => cpuMs,
    });
    onTestFinished(() => lease.end());
    [nowMs, cpuMs] = [1_000, 300];
    lease.check();
    nowMs += silentMs;
    cpuMs += usedMs;
    lease.check();
    return told;
  }

  test("it tells of a stop of more than the lease, whatever was used just before it", () => {
    expect(standstills(12_000, 300)).toEqual([12_000]);
    expect(standstills(9_000, 0)).toEqual([]);
  });

  test("a machine that leaves it a tenth of a CPU has not stopped it", () => {
    expect(standstills(12_000, 1_500)).toEqual([]);
    expect(standstills(31_000, 3_500)).toEqual([31_000]);
  });
});
