import { expect, test } from "vitest";
import { analyse } from "../../src/index.js";
import { matchers } from "../../src/library/matchers/matchers.js";
import { SAVED_RUNS } from "../helpers/saved-runs.js";

expect.extend(matchers);

/** The message of an expectation that is not met; null: it is. */
function complaint(expectation: () => void): string | null {
  try {
    expectation();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const report = (name: keyof typeof SAVED_RUNS) => analyse(SAVED_RUNS[name]());

test("a run that passed holds its SLOs, one that failed says which broke, by how much and why", () => {
  expect(report("pass")).toHoldSlos();
  expect({ report: report("pass") }).toHoldSlos();
  expect(report("fail")).not.toHoldSlos();
  const broken = complaint(() => expect(report("fail")).toHoldSlos());
  expect(broken).toMatch(/^expected all SLOs to hold, but SLOs broke: /);
  expect(broken).toMatch(/^ {2}fail p99 < 400ms in slow inventory: observed \S+ ms, target < 400 ms\. /m);
  expect(broken).not.toMatch(/^ {2}pass /m);
  expect(complaint(() => expect(report("pass")).not.toHoldSlos())).toMatch(
    /^expected an SLO to break, but all SLOs held: /,
  );
});

test("a run that shows neither is no success of either form", () => {
  for (const name of ["inconclusive", "aborted"] as const) {
    const undecided = report(name);
    expect(undecided.verdict).toBe(name);
    for (const expectation of [
      () => expect(undecided).toHoldSlos(),
      () => expect(undecided).not.toHoldSlos(),
    ]) {
      expect(complaint(expectation)).toContain(undecided.reason);
    }
  }
  const invalid = { ...report("fail"), verdict: "invalid" as const };
  expect(complaint(() => expect(invalid).not.toHoldSlos())).toContain("the measurement cannot be trusted");
});

test("anything else than a report is a mistake of the test, not a broken SLO", () => {
  for (const wrong of [null, "pass", Promise.resolve(report("pass")), {}]) {
    expect(() => expect(wrong).toHoldSlos()).toThrow(/did you forget to await it\?/);
    expect(() => expect(wrong).not.toHoldSlos()).toThrow(/did you forget to await it\?/);
  }
});
