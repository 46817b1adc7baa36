import { expect, test } from "vitest";
import { TimeHistogram } from "../../../src/measure/histogram.js";
import { OUTCOME, OUTCOMES } from "../../../src/measure/outcome.js";
import { emptySecondCounts, type SecondCounts } from "../../../src/measure/second-counts.js";
import { SeriesColumns } from "../../../src/measure/segments/series-columns.js";

const TELLS_NOTHING = { degraded: false, redirects: false };
const LIMIT_US = 5_000;

/** A second with that many good answers, each of which took as long. */
function secondOf(count: number, latencyUs: number): SecondCounts {
  const latency = new TimeHistogram();
  for (let i = 0; i < count; i++) latency.record(latencyUs);
  const counts = emptySecondCounts(OUTCOMES.length, 1);
  return {
    ...counts,
    scheduled: count,
    outcomes: counts.outcomes.map((_, outcome) => (outcome === OUTCOME.ok ? count : 0)),
    slowDue: [latencyUs > LIMIT_US ? count : 0],
    latency: latency.toSparse(),
  };
}

test("a second in which nothing was due is 0 in every count, and has no times", () => {
  const columns = new SeriesColumns([LIMIT_US], TELLS_NOTHING);
  columns.setSecond(0, secondOf(3, 1_000));
  columns.setSecond(2, secondOf(2, 9_000));
  const series = columns.toSeries("browse", 4);
  expect(series.scheduled).toEqual([3, 0, 2, 0]);
  expect(series.outcomes.ok).toEqual([3, 0, 2, 0]);
  expect(series.slow).toEqual([{ limitUs: LIMIT_US, due: [0, 0, 2, 0], dispatch: [0, 0, 0, 0] }]);
  expect(series.latencyMs.max.map((ms) => ms !== null && Math.round(ms))).toEqual([1, false, 9, false]);
  expect(series.timeToFailure).toBeUndefined();
});

test("what nobody asks for is not told", () => {
  const degraded = { ...secondOf(3, 1_000), degraded: 2, redirects: 1 };
  const [quiet, telling] = [TELLS_NOTHING, { degraded: true, redirects: true }].map((tells) => {
    const columns = new SeriesColumns([], tells);
    columns.setSecond(0, { ...degraded, slowDue: [], slowDispatch: [] });
    return columns.toSeries(null, 1);
  });
  expect(quiet).not.toHaveProperty("degraded");
  expect(quiet).not.toHaveProperty("redirects");
  expect(quiet?.histograms).not.toHaveProperty("degraded");
  expect(telling).toMatchObject({ degraded: [2], redirects: [1] });
});

test("a copy goes its own way", () => {
  const columns = new SeriesColumns([LIMIT_US], TELLS_NOTHING);
  columns.setSecond(0, secondOf(3, 1_000));
  const copy = columns.clone();
  copy.setSecond(1, secondOf(2, 1_000));
  expect([columns.seconds, copy.seconds]).toEqual([1, 2]);
  expect(columns.toSeries(null, 2).scheduled).toEqual([3, 0]);
  expect(copy.toSeries(null, 2).scheduled).toEqual([3, 2]);
});

test("columns are empty until something was due", () => {
  const columns = new SeriesColumns([LIMIT_US], TELLS_NOTHING);
  columns.setSecond(0, secondOf(0, 0));
  expect(columns.isEmpty).toBe(true);
  columns.setSecond(1, secondOf(1, 1_000));
  expect(columns.isEmpty).toBe(false);
});
