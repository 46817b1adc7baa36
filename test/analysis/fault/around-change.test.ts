import { expect, test } from "vitest";
import { analyse } from "../../../src/analysis/analyse.js";
import type { AroundFault } from "../../../src/measure/around-change.js";
import { perOutcome } from "../../../src/measure/outcome.js";
import { buildRecord } from "../../helpers/record-builder.js";

const counts = (ok: number, failed: number, request: string | null = null) => ({
  request,
  outcomes: { ...perOutcome(() => 0), ok, http_error: failed },
});

function faultWith(around: AroundFault, slos: readonly string[] = ["availability >= 99%", "p99 < 400ms"]) {
  const record = buildRecord({
    ratePerS: 50,
    slos,
    evidence: "observed",
    phases: [
      { kind: "baseline", seconds: 10 },
      { kind: "fault", fault: "worker dies", seconds: 4 },
      { kind: "recovery", fault: "worker dies", seconds: 10 },
    ],
  });
  const faults = record.faults.map((fault) => ({ ...fault, around }));
  const [fault] = analyse({ ...record, faults }).faults;
  if (!fault) throw new Error("no fault");
  return fault;
}

test("requests that failed as a fault went in break its SLOs, and say so", () => {
  const fault = faultWith({ injection: [counts(4, 50)] });
  expect(fault.verdict).toBe("fail");
  expect(fault.slos.map(({ verdict }) => verdict)).toEqual(["fail", "fail"]);
  expect(fault.slos[0]).toMatchObject({
    counts: { bad: 50, total: 254 },
    observed: 1 - 50 / 254,
    reason:
      "50 of 54 requests failed that were under way when the fault went in, or due before its phase; with those of the phase 50 of 254 (19.7%) failed; 1% may.",
  });
  expect(fault.findingIds).not.toContain("absorbed");
});

test("few of them keep to the budget, and what failed at the removal breaks no SLO; both are told", () => {
  for (const around of [{ injection: [counts(20, 1)] }, { removal: [counts(20, 30)] }]) {
    const fault = faultWith(around);
    expect(fault.verdict).toBe("pass");
    expect(fault.findingIds).toContain("around_change");
    expect(fault.findingIds).not.toContain("absorbed");
    expect(fault.errorBudget?.consumed).toBeGreaterThan(0);
  }
  expect(faultWith({ injection: [counts(20, 0)], removal: [counts(9, 0)] }).findingIds).toContain("absorbed");
});

test("an SLO on one request name counts those of its name", () => {
  const around = { injection: [counts(4, 50), counts(4, 0, "browse"), counts(0, 50, "other")] };
  expect(faultWith(around, ["availability(browse) >= 99%"]).slos[0]?.verdict).toBe("pass");
});

test("timeouts as a fault went in break nothing: the load generator may have been late", () => {
  const late = { request: null, outcomes: { ...perOutcome(() => 0), ok: 4, timeout: 50 } };
  const fault = faultWith({ injection: [late] });
  expect(fault.slos.map(({ verdict }) => verdict)).toEqual(["pass", "pass"]);
  expect(fault.findingIds).toContain("around_change");
});
