import fc from "fast-check";
import { expect, test } from "vitest";
import { completionsByPhase, roundedDown, roundedUp } from "../../../src/checks/ids/completions.js";
import { IdLooks } from "../../../src/checks/ids/id-looks.js";
import { SentIds } from "../../../src/checks/ids/sent-ids.js";

test("times are rounded outwards to a twentieth, and limits that people write are kept", () => {
  for (const ms of [
    0, 10, 50, 200, 250, 500, 1000, 1500, 2000, 2500, 3000, 5000, 10_000, 15_000, 30_000, 60_000, 90_000,
    300_000,
  ]) {
    expect([roundedDown(ms), roundedUp(ms)]).toEqual([ms, ms]);
  }
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 10_000_000 }), (ms) => {
      const [down, up] = [roundedDown(ms), roundedUp(ms)];
      expect(down).toBeLessThanOrEqual(ms);
      expect(up).toBeGreaterThanOrEqual(ms);
      expect(up - down).toBeLessThanOrEqual(Math.max(10, ms / 20));
    }),
  );
});

const phases = [
  { id: "baseline", startS: 0, durationS: 3, seconds: 3 },
  { id: "fault-1", startS: 3.5, durationS: 2, seconds: 2 },
];

test("each acknowledged request counts in the second in which it was due", () => {
  const sent = new SentIds();
  const looks = new IdLooks();
  for (const [id, fate, dueMs] of [
    ["soon", "acknowledged", 200],
    ["cut", "acknowledged", 2500],
    ["between", "acknowledged", 3200],
    ["lost", "acknowledged", 4600],
    ["refused", "refused", 300],
    ["unknown", "unknown", 300],
    ["slow", "acknowledged", 3600],
  ] as const) {
    sent.add({ id, fate, dueMs, tookMs: 100 });
  }
  for (const fromMs of [1000, 2000, 3000, 6000, 9000]) {
    if (fromMs >= 1000) for (const id of ["soon", "refused", "unknown"]) looks.saw(id, fromMs + 10);
    if (fromMs >= 6000) for (const id of ["cut", "between", "slow"]) looks.saw(id, fromMs + 10);
    looks.add({ fromMs, toMs: fromMs + 20, problem: null });
  }
  const found = completionsByPhase(sent, looks, phases, [3.4]);
  expect(found.get("baseline")).toEqual([
    { fromMs: [0], toMs: [720], count: [1] },
    { fromMs: [], toMs: [], count: [] },
    { fromMs: [], toMs: [], count: [], underWayMs: [400], underWayToMs: [expect.any(Number)], underWay: [1] },
  ]);
  expect(found.get("fault-1")).toEqual([
    { fromMs: [0], toMs: [2400], count: [1] },
    { fromMs: [], toMs: [], count: [], never: 1 },
  ]);
});
