import { expect, test } from "vitest";
import { MachineMeter, parseStat, useBetween } from "../../src/run/machine-use.js";
import { sleep } from "../../src/support/clock.js";

test("of /proc/stat idle and waiting time are no use, and stolen time is counted apart", () => {
  const stat = "cpu  100 5 50 800 20 3 7 15 0 0\ncpu0 100 5 50 800 20 3 7 15 0 0\n";
  expect(parseStat(stat)).toEqual({ busy: 165, stolen: 15, all: 1000 });
  expect(() => parseStat("cpu 1 2\n")).toThrow(/proc_stat/);
});

test("shares are those of the time in between", () => {
  const before = { busy: 100, stolen: 10, all: 1000 };
  expect(useBetween(before, { busy: 250, stolen: 30, all: 1200 })).toEqual({ busy: 0.75, stolen: 0.1 });
  expect(useBetween(before, before)).toBeNull();
  expect(useBetween({ ...before, stolen: null }, { busy: 150, stolen: null, all: 1100 })).toEqual({
    busy: 0.5,
    stolen: null,
  });
});

function workFor(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

test("a machine that works is seen to be busy", async () => {
  const meter = new MachineMeter();
  workFor(300);
  await sleep(20);
  const use = meter.soFar();
  // One of its processors, for most of the time.
  expect(use?.busy).toBeGreaterThan(0);
  expect(use?.busy).toBeLessThanOrEqual(1);
});

test("what the machine does after a phase is not the phase's", () => {
  const meter = new MachineMeter();
  workFor(50);
  meter.end();
  const use = meter.soFar();
  workFor(200);
  expect(meter.soFar()).toEqual(use);
});
