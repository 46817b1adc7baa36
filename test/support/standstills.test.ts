import { Worker } from "node:worker_threads";
import { expect, onTestFinished, test } from "vitest";
import { monotonicMs, sleep } from "../../src/support/clock.js";
import { longestBySecond, StandstillLog } from "../../src/support/standstills.js";

test("each second has the longest standstill that touches it", () => {
  const standstills = [
    { fromMs: 1_950, lengthMs: 100 },
    { fromMs: 2_500, lengthMs: 20 },
    { fromMs: 9_000, lengthMs: 500 },
  ];
  expect(longestBySecond(standstills, 1_000, 4)).toEqual([100, 100, 0, 0]);
});

test("those that touch a time are told, however many came before", () => {
  const log = new StandstillLog();
  for (let at = 0; at < 20_000; at++) log.note({ fromMs: at * 10, lengthMs: 5 });
  expect(log.between(199_900, 199_920)).toEqual([
    { fromMs: 199_900, lengthMs: 5 },
    { fromMs: 199_910, lengthMs: 5 },
  ]);
  expect(new StandstillLog(log.shared).between(199_990, 300_000)).toHaveLength(1);
});

test("a thread that stands still is seen to by another", async () => {
  const log = new StandstillLog();
  const module = new URL("../../dist/support/standstills.js", import.meta.url).href;
  const program = `
    import { workerData } from "node:worker_threads";
    import { StandstillLog } from ${JSON.stringify(module)};
    new StandstillLog(workerData).watchThisThread();
    setTimeout(() => { const until = performance.now() + 300; while (performance.now() < until); }, 100);
    setTimeout(() => {}, 600);`;
  const fromMs = monotonicMs();
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(program)}`), {
    workerData: log.shared,
  });
  onTestFinished(async () => void (await worker.terminate()));
  await new Promise((resolve) => worker.once("exit", resolve));
  await sleep(1);
  // However late the machine was beside it: the thread itself spun for 300 ms, of which it looks every 10.
  const longest = Math.max(...log.between(fromMs, monotonicMs()).map(({ lengthMs }) => lengthMs));
  expect(longest).toBeGreaterThan(250);
});
