import { describe, expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.js";
import { budgetCriterion, recoveredAt, violatesAtEnd } from "../../src/analysis/recovery/good-seconds.js";
import { buildRecord, type Condition, type RunSketch } from "../helpers/record-builder.js";

/** One character a second: "." all good, "x" all bad, " " nothing due. */
function seen(seconds: string, filled = 1) {
  const due = [...seconds].map((sign) => (sign === " " ? 0 : 100));
  const series = { due, bad: [...seconds].map((sign) => (sign === "x" ? 100 : 0)) };
  const criterion = budgetCriterion(series, 0.01, 10, filled);
  return { ...recoveredAt(criterion), atEnd: violatesAtEnd(criterion, series, 0.01) };
}

describe("seconds in which nothing was due", () => {
  test.each([
    ["xx..........", 2, null],
    ["xx.          ", null, 2],
    ["xx.    .    .    ", null, 2],
    ["xx...   .......", 2, null],
    ["xx   ..........", 5, null],
    ["          ", null, 0],
    ["x          ", null, 1],
  ])("%o: recovered at %s, else not before %s", (seconds, atS, censoredAtS) => {
    expect(seen(seconds)).toMatchObject({ atS, censoredAtS });
  });

  test("are no wonder where every other second has none anyway", () => {
    const everyOther = "x. . . . . . . ";
    expect(seen(everyOther)).toMatchObject({ atS: null });
    expect(seen(everyOther, 0.5)).toMatchObject({ atS: 1 });
  });

  test("do not hide that it was still broken when something last was", () => {
    expect(seen("xxxxxx      ").atEnd).toBe(true);
    expect(seen("xx..........     ").atEnd).toBe(false);
    expect(seen("          ").atEnd).toBe(false);
  });
});

function recoveryOf(at: (second: number) => Condition, more: Partial<RunSketch> = {}) {
  const record = buildRecord({
    slos: ["availability >= 99%"],
    evidence: "observed",
    phases: [
      { kind: "baseline", seconds: 20 },
      { kind: "fault", fault: "cut off", seconds: 20, bad: { refused: 1 } },
      { kind: "recovery", fault: "cut off", seconds: 20, at },
    ],
    ...more,
  });
  return analyse(record).faults[0]!;
}

test("a recovery in which the load ended after one good second was not seen", () => {
  const { recovery } = recoveryOf((s) => ({ ratePerS: s === 0 ? 100 : 0 }));
  expect(recovery).toMatchObject({ censored: true, seconds: 0 });
  expect(recovery.explanation).toMatch(/and in 19 s of it no request was due, which shows nothing\.$/);
});

test("a system that failed until the load ended is still broken", () => {
  const { slos } = recoveryOf((s) => (s < 8 ? { bad: { refused: 1 } } : { ratePerS: 0 }));
  expect(slos.find(({ expect }) => expect.startsWith("back at its SLOs"))).toMatchObject({ verdict: "fail" });
});

test("a load so thin that most seconds are empty recovers all the same", () => {
  const thin = (s: number) => ({ ratePerS: s % 4 === 0 ? 1 : 0 });
  const { recovery } = recoveryOf(thin, {
    phases: [
      { kind: "baseline", seconds: 40, at: thin },
      { kind: "fault", fault: "cut off", seconds: 40, at: (s) => ({ ...thin(s), bad: { refused: 1 } }) },
      { kind: "recovery", fault: "cut off", seconds: 40, at: thin },
    ],
  });
  expect(recovery).toMatchObject({ censored: false, seconds: 0 });
});
