import { expect, onTestFinished, test } from "vitest";
import { IdWatch } from "../../../src/run/checks/id-watch.js";
import { sleep } from "../../../src/support/clock.js";

function watch(everyMs: number, look: () => Promise<boolean>) {
  const stop = new AbortController();
  const made = new IdWatch({ everyMs, signal: stop.signal, look });
  onTestFinished(() => stop.abort());
  return { made, stop };
}

test("looks follow each other and never overlap, also one that is asked for between them", async () => {
  let [underWay, most, looks] = [0, 0, 0];
  const { made } = watch(20, async () => {
    underWay += 1;
    most = Math.max(most, underWay);
    await sleep(5);
    underWay -= 1;
    looks += 1;
    return true;
  });
  made.start();
  made.start();
  await expect.poll(() => looks, { timeout: 20_000 }).toBeGreaterThan(3);
  await Promise.all([made.lookNow(), made.lookNow()]);
  expect(most).toBe(1);
  await made.stop();
  const before = looks;
  await sleep(100);
  expect(looks).toBe(before);
});

test("a look that takes long is followed by a rest that is longer", async () => {
  const spans: [fromMs: number, toMs: number][] = [];
  const { made } = watch(10, async () => {
    const fromMs = performance.now();
    await sleep(100);
    spans.push([fromMs, performance.now()]);
    return true;
  });
  made.start();
  await expect.poll(() => spans.length, { timeout: 30_000 }).toBeGreaterThan(3);
  await made.stop();
  const rests = spans.slice(1).map(([fromMs], at) => fromMs - (spans[at]?.[1] ?? 0));
  // The first look has none before it to be compared with.
  for (const rest of rests.slice(1)) expect(rest).toBeGreaterThan(350);
});

test("looking ends with the run, and when another look would tell no more", async () => {
  let looks = 0;
  const once = watch(5, async () => {
    looks += 1;
    return false;
  });
  once.made.start();
  await sleep(200);
  expect(looks).toBe(1);
  const { made, stop } = watch(60_000, async () => true);
  made.start();
  stop.abort();
  await made.stop();
});
