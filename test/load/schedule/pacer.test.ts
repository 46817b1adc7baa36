import { afterEach, expect, test } from "vitest";
import { Pacer } from "../../../src/load/schedule/pacer.js";
import { nowUs } from "../../../src/load/thread-clock.js";
import { seededRandom } from "../../../src/support/random.js";

let pacer: Pacer | null = null;

afterEach(() => pacer?.stop());

function stall(us: number): void {
  const untilUs = nowUs() + us;
  while (nowUs() < untilUs);
}

test("every wake-up that is asked for comes, whatever was asked before and however the loop stalls", async () => {
  const random = seededRandom(7);
  const pick = (choices: readonly number[]) => choices[Math.floor(random() * choices.length)]!;
  let onWake = () => {};
  pacer = new Pacer(() => onWake());
  const lateUs: number[] = [];
  for (let round = 0; round < 600; round++) {
    const wantedUs = nowUs() + pick([0, 20, 300, 700, 1500]);
    const followingUs = pick([wantedUs, wantedUs + 30, wantedUs + 900, Number.POSITIVE_INFINITY]);
    await new Promise<void>((resolve, reject) => {
      const lost = setTimeout(() => reject(new Error(`wake-up ${round} never came`)), 2000);
      onWake = () => {
        const now = nowUs();
        // One that was asked for earlier: ask again, as whoever is woken does.
        if (now < wantedUs) {
          pacer?.wakeAt(wantedUs, followingUs);
          return;
        }
        lateUs.push(now - wantedUs);
        clearTimeout(lost);
        resolve();
      };
      pacer?.wakeAt(wantedUs, followingUs);
      // Long enough for the following one to go off as well before this thread looks.
      if (round % 3 === 0) stall(pick([100, 800, 2500]));
    });
  }
  expect(lateUs).toHaveLength(600);
  // A timer of Node's would be half a millisecond late and more; this one has been held up in every third round.
  const middle = lateUs.toSorted((a, b) => a - b)[300]!;
  expect(middle).toBeLessThan(1000);
}, 20_000);

test("an earlier time that was asked for stays, a later one waits for it", async () => {
  const wokenUs: number[] = [];
  pacer = new Pacer(() => wokenUs.push(nowUs()));
  const startUs = nowUs();
  pacer.wakeAt(startUs + 20_000, Number.POSITIVE_INFINITY);
  pacer.wakeAt(startUs + 500_000, Number.POSITIVE_INFINITY);
  await expect.poll(() => wokenUs.length).toBe(1);
  expect(wokenUs[0]).toBeGreaterThanOrEqual(startUs + 20_000);
  expect(wokenUs[0]).toBeLessThan(startUs + 400_000);
  pacer.wakeAt(startUs + 500_000, startUs + 520_000);
  pacer.wakeAt(startUs + 450_000, Number.POSITIVE_INFINITY);
  await expect.poll(() => wokenUs.length, { timeout: 3000 }).toBeGreaterThanOrEqual(2);
  expect(wokenUs[1]).toBeGreaterThanOrEqual(startUs + 450_000);
});
