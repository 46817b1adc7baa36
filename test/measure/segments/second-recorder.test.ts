import { expect, test } from "vitest";
import { OUTCOME } from "../../../src/measure/outcome.js";
import { reportOf, SpareCounts } from "../../../src/measure/segments/second-recorder.js";

test("counts that are used again begin at 0, with room for the limits of their new name", () => {
  const spare = new SpareCounts();
  const used = spare.take(2);
  used.scheduled = 5;
  used.offered = 4;
  used.unsentByGenerator = 1;
  used.degraded = 2;
  used.redirects = 3;
  used.outcomes[OUTCOME.ok] = 5;
  used.slowDue[1] = 2;
  used.slowDispatch[1] = 2;
  for (const times of [used.latency, used.dispatchLatency, used.lag, used.degradedLatency])
    times.record(1_000);
  used.failures.record(OUTCOME.timeout, 1_000, 0, Float64Array.of(10, 20));
  spare.giveBack(used);
  const again = spare.take(1);
  expect(again).toBe(used);
  expect(again.toCounts()).toEqual(new SpareCounts().take(1).toCounts());
});

test("a second reports the names that were due in it", () => {
  const counts = new SpareCounts().take(0);
  counts.scheduled = 2;
  expect(reportOf({ second: 3, unsettled: 1, names: [null, counts, null] })).toEqual({
    second: 3,
    names: [{ name: 1, counts: counts.toCounts() }],
  });
});
