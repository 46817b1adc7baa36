import { expect, test } from "vitest";
import type { CompletionPhase } from "../../../src/analysis/document/completion-part.js";
import { completionsAtGlance } from "../../../src/report/shown/completion-rows.js";

function faultOf(name: string, p95Ms: number | "inf"): CompletionPhase {
  const range = { atLeast: 0, atMost: p95Ms };
  return {
    phase: `fault-${name}`,
    when: "fault",
    fault: name,
    acknowledged: 10,
    never: 0,
    p50: range,
    p95: range,
    p99: range,
    max: range,
  };
}

const looks = { everyS: 1, count: 10, failed: 0, widestS: 1, longestS: 0.1, totalS: 1 };

test("of many faults those that took longest are shown, in the order of the run", () => {
  const phases = [
    faultOf("quick", 100),
    faultOf("gone", "inf"),
    faultOf("usual", 200),
    faultOf("slow", 9_000),
  ];
  const { shown, more } = completionsAtGlance({ looks, phases }, 2);
  expect(shown.map(({ fault }) => fault)).toEqual(["gone", "slow"]);
  expect(more).toBe(2);
});
