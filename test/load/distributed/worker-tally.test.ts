import { expect, test } from "vitest";
import { WorkerTally } from "../../../src/load/distributed/worker-tally.js";
import { OUTCOME, OUTCOMES } from "../../../src/measure/outcome.js";
import { emptySecondCounts } from "../../../src/measure/second-counts.js";

test("a worker's requests are counted, and not the journeys that they belong to", () => {
  const tally = new WorkerTally(2);
  tally.begin("steady");
  const none = emptySecondCounts(OUTCOMES.length, 0);
  const outcomes = none.outcomes.map((_, outcome) => (outcome === OUTCOME.ok ? 3 : 0));
  const names = [0, 1, 2].map((name) => ({ name, counts: { ...none, scheduled: 3, outcomes } }));
  tally.add({ segmentId: "steady", seconds: [{ second: 0, names }] });
  const [phase] = tally.seenOf(["steady"]);
  expect(phase?.scheduled).toBe(6);
  expect(phase?.outcomes.ok).toBe(6);
});
