import { expect, test } from "vitest";
import { BeatWheel, TURN_MS } from "../../../src/load/distributed/beat-wheel.js";
import { monotonicMs, sleep } from "../../../src/support/clock.js";

test("each has its turn every 200 ms, however many there are and however late timers are", async () => {
  const wheel = new BeatWheel();
  const turns = new Array<number>(25).fill(0);
  const beganMs = monotonicMs();
  const takeOff = turns.map((_, at) =>
    wheel.add(() => {
      turns[at]! += 1;
    }),
  );
  const untilMs = beganMs + 5.5 * TURN_MS;
  while (monotonicMs() < untilMs) {
    await sleep(1);
    // Work of others, which makes all timers late.
    const busyUntilMs = monotonicMs() + 35;
    while (monotonicMs() < busyUntilMs);
  }
  const rounds = (monotonicMs() - beganMs) / TURN_MS;
  takeOff.pop()?.();
  const gone = turns.at(-1);
  const most = Math.max(...turns);
  expect(most).toBeLessThanOrEqual(Math.ceil(rounds) + 1);
  // A machine that stands still skips whole rounds: nobody has two turns for that. All have missed the same ones.
  expect(Math.min(...turns)).toBeGreaterThanOrEqual(most - 1);
  expect(Math.min(...turns)).toBeGreaterThan(0);
  await sleep(1.5 * TURN_MS);
  expect(turns.at(-1)).toBe(gone);
  expect(Math.max(...turns)).toBeGreaterThan(most);
  for (const take of takeOff) take();
  const sums = [...turns];
  await sleep(1.5 * TURN_MS);
  expect(turns).toEqual(sums);
});

test("after a standstill each has one turn, not one for every round that was missed", async () => {
  const wheel = new BeatWheel();
  let turns = 0;
  const takeOff = wheel.add(() => {
    turns += 1;
  });
  for (let tries = 0; turns === 0 && tries < 200; tries++) await sleep(10);
  const before = turns;
  const untilMs = monotonicMs() + 5 * TURN_MS;
  while (monotonicMs() < untilMs);
  await sleep(5);
  takeOff();
  expect(turns - before).toBeLessThanOrEqual(2);
});
