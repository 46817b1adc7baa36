import { expect, test } from "vitest";
import { analyse } from "../../../src/analysis/analyse.js";
import { concludeDay } from "../../../src/app/gameday/day-verdict.js";
import { countsAs, exemptionsFor, needlessExemptions } from "../../../src/app/gameday/exempt-faults.js";
import { Source } from "../../../src/scenario/text/source.js";
import { faultOfDay, heldFault, scenarioOfDay } from "../../helpers/days.js";
import { SAVED_RUNS } from "../../helpers/saved-runs.js";

const EXEMPT = { reason: "no fallback yet", owner: "@payments", expires: "2027-01-31" };
const failed = analyse(SAVED_RUNS.fail());
const failing = failed.faults.filter(({ verdict }) => verdict === "fail").map(({ name }) => name);
const faultsOf = (exempt: readonly string[]) =>
  failed.faults.map(({ name, verdict }) =>
    faultOfDay({ name, verdict, ...(exempt.includes(name) ? { exempt: EXEMPT } : {}) }),
  );

test("a scenario counts as what is left without exempt faults that failed", () => {
  expect(failing.length).toBeGreaterThan(1);
  expect(countsAs(failed, faultsOf([]))).toBeNull();
  expect(countsAs(failed, faultsOf(failing.slice(1)))).toBeNull();
  const others = failed.faults.every(({ verdict }) => verdict === "fail" || verdict === "pass");
  expect(countsAs(failed, faultsOf(failing))).toBe(others ? 0 : 3);
  expect(
    countsAs({ ...failed, baseline: { ...failed.baseline, verdict: "inconclusive" } }, faultsOf(failing)),
  ).toBe(3);
  const ending = { kind: "interrupted", reason: "SIGINT", atS: 1 } as const;
  expect(countsAs({ ...failed, ending }, faultsOf(failing))).toBeNull();
});

test("an exemption is in force to the end of its last day, and for its scenario", () => {
  const exempt = [{ scenario: "./cache.yaml", fault: "x", ...EXEMPT }];
  expect(exemptionsFor("cache.yaml", exempt, "2027-01-31T23:59:59.000Z")).toHaveLength(1);
  expect(exemptionsFor("cache.yaml", exempt, "2027-02-01T00:00:00.000Z")).toEqual([]);
  expect(exemptionsFor("other.yaml", exempt, "2027-01-01T00:00:00.000Z")).toEqual([]);
});

test("an exemption of a fault that passed in all its rounds is told with its place", () => {
  const source = new Source("day.yaml", "exempt: x", ".");
  const exempt = [{ scenario: "./cache.yaml", fault: "slow cache", ...EXEMPT }];
  const told = (...faults: Parameters<typeof needlessExemptions>[1]) =>
    needlessExemptions("cache.yaml", faults, exempt, () => ({ source, start: 8, end: 9 }));
  expect(told(heldFault())).toEqual([
    "day.yaml:1:9: `slow cache` is exempt and passed: take the exemption out",
  ]);
  expect(
    told(heldFault(), heldFault({ name: "slow cache (round 2)", of: "slow cache", verdict: "fail" })),
  ).toEqual([]);
  expect(told(faultOfDay())).toEqual([]);
});

test("a day whose only failure is exempt passes, and says so", () => {
  const excused = { ...scenarioOfDay({ faults: [faultOfDay({ exempt: EXEMPT })] }), countsAs: 0 };
  const passed = scenarioOfDay({ file: "b.yaml", faults: [heldFault()] });
  expect(concludeDay([], [excused, passed], null)).toEqual({
    verdict: "pass",
    exitCode: 0,
    reason: "2 scenarios passed, but for exempt faults of cache.yaml.",
  });
  expect(concludeDay([], [{ ...excused, countsAs: 3 }, passed], null)).toMatchObject({
    verdict: "inconclusive",
    exitCode: 3,
  });
  const broken = scenarioOfDay({ file: "c.yaml", faults: [faultOfDay()] });
  expect(concludeDay([], [excused, broken], null)).toMatchObject({ verdict: "fail", exitCode: 1 });
});
