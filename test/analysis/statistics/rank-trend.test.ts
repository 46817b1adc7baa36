import { expect, test } from "vitest";
import { type Between, rankTrend } from "../../../src/analysis/statistics/rank-trend.js";
import { type Random, seededRandom } from "../../../src/support/random.js";

/** HISTORIES=4000 measures the figures of docs/ledger.md. */
const HISTORIES = Number(process.env.HISTORIES ?? 400);

interface Threshold {
  readonly driftPerRun?: number;
  /** Of the noise from one run to the next. */
  readonly correlation?: number;
}

/** What a search with steps of 5 % finds of a threshold around 400 ms with noise of 10 %. */
function searched(random: Random, runs: number, { driftPerRun = 0, correlation = 0 }: Threshold): Between[] {
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  let noise = normal();
  return Array.from({ length: runs }, (_, run) => {
    noise = correlation * noise + Math.sqrt(1 - correlation ** 2) * normal();
    const step = Math.floor(Math.log(400 * Math.exp(0.1 * noise + driftPerRun * run)) / Math.log(1.05));
    return { low: 1.05 ** step, high: 1.05 ** (step + 1) };
  });
}

function shareOfAlarms(runs: number, threshold: Threshold, histories = HISTORIES): number {
  const random = seededRandom(runs);
  let alarms = 0;
  for (let n = 0; n < histories; n += 1) {
    if (rankTrend(searched(random, runs, threshold)).direction !== null) alarms += 1;
  }
  const share = alarms / histories;
  if (process.env.HISTORIES) console.log(runs, threshold, share);
  return share;
}

// Three standard deviations above 1 %.
const MOST = 0.01 + 3 * Math.sqrt((0.01 * 0.99) / HISTORIES);
test.each([6, 10, 15])(
  "of %d runs without a trend about one history in a hundred raises an alarm",
  (runs) => {
    expect(shareOfAlarms(runs, {})).toBeLessThanOrEqual(MOST);
  },
);

test("noise that wanders from run to run raises more alarms, but not most of the time", () => {
  expect(shareOfAlarms(15, { correlation: 0.5 })).toBeLessThan(0.2);
});

test("a threshold that falls by 4 % a run is seen in most histories of 15 runs", () => {
  expect(shareOfAlarms(15, { driftPerRun: -0.04 }, HISTORIES / 4)).toBeGreaterThan(0.9);
});

const exact = (value: number): Between => ({ low: value - 1, high: value });

test("the direction is that of the values, and neither few nor equal ones have one", () => {
  expect(rankTrend([1, 2, 3, 4, 5, 6].map(exact))).toMatchObject({ direction: "up" });
  expect(rankTrend([6, 5, 4, 3, 2, 1].map(exact))).toMatchObject({ direction: "down" });
  expect(rankTrend([1, 2, 3, 4, 5].map(exact))).toEqual({ direction: null, p: null });
  expect(rankTrend([5, 5, 5, 5, 5, 5].map(exact))).toEqual({ direction: null, p: 1 });
});

test("values that may be equal speak for no trend", () => {
  const open = [1, 2, 3, 4, 5, 6].map((low) => ({ low, high: Number.POSITIVE_INFINITY }));
  expect(rankTrend(open).direction).toBeNull();
});
