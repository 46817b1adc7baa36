import { expect, test } from "vitest";
import { newestEvidence } from "../../src/ledger/evidence.js";
import { type GateQuestion, gateVerdict, judgeGate } from "../../src/ledger/gate.js";
import { adviceFor, reasonOf, subjectOf } from "../../src/ledger/gate-in-words.js";
import type { LedgerLine } from "../../src/ledger/ledger-line.js";
import type { Requirement } from "../../src/ledger/requirements.js";
import { faultShown, ledgerLine, placed } from "../helpers/ledger-lines.js";

const DAY_MS = 24 * 3_600_000;
const nowMs = Date.parse("2026-03-11T12:00:00.000Z");

function statuses(lines: readonly LedgerLine[], question: Partial<GateQuestion> = {}) {
  const items = judgeGate(placed(lines), {
    requirements: null,
    maxAgeMs: null,
    nowMs,
    changesSince: () => [],
    ...question,
  });
  return { items, statuses: items.map(({ status }) => status), verdict: gateVerdict(items) };
}

function required(changes: Partial<Requirement> = {}): Requirement {
  const place = { file: "faults.yaml", line: 3, column: 5 };
  return {
    dependency: "cache",
    fault: "slow cache",
    scenario: null,
    request: null,
    maxAgeMs: null,
    place,
    ...changes,
  };
}

const on = (day: number, changes: Partial<LedgerLine> = {}) =>
  ledgerLine({ startedAt: `2026-03-${String(day).padStart(2, "0")}T12:00:00.000Z`, ...changes });
const failed = [faultShown({ verdict: "fail", reason: "p99 rose" })];

test("what holds passes, and no evidence at all is not enough", () => {
  expect(statuses([on(1)])).toMatchObject({ statuses: ["held"], verdict: "pass" });
  expect(statuses([])).toMatchObject({ statuses: [], verdict: "inconclusive" });
});

test("the newest run counts, wherever it stands in the ledger", () => {
  expect(statuses([on(1, { faults: failed }), on(2)]).verdict).toBe("pass");
  expect(newestEvidence(placed([on(1), on(2, { faults: failed })]))[0]?.verdict).toBe("fail");
});

test("a broken promise stays broken, however old it is and whatever has changed", () => {
  const { items, verdict } = statuses([on(1, { faults: failed })], {
    maxAgeMs: DAY_MS,
    changesSince: () => [{ file: "package-lock.json", kind: "changed", of: "lock_file" }],
  });
  expect(items.map(({ status }) => status)).toEqual(["broken"]);
  expect(verdict).toBe("fail");
  expect(items[0] && reasonOf(items[0])).toBe("p99 rose");
  expect(items[0] && adviceFor(items[0])).toBe("Mend it, then: faultline run chaos/checkout.yaml");
});

test("a run that did not get to a fault says nothing of it; one that could not judge it does", () => {
  const notRun = [faultShown({ verdict: "not_run" })];
  expect(statuses([on(1), on(2, { faults: notRun })]).statuses).toEqual(["held"]);
  const invalid = [faultShown({ verdict: "invalid" })];
  expect(statuses([on(1), on(2, { faults: invalid })])).toMatchObject({
    statuses: ["undecided"],
    verdict: "inconclusive",
  });
});

test("evidence is old beyond its limit, and a requirement may set its own", () => {
  const maxAgeMs = 7 * DAY_MS;
  expect(statuses([on(3)], { maxAgeMs }).statuses).toEqual(["old"]);
  expect(statuses([on(5)], { maxAgeMs }).statuses).toEqual(["held"]);
  const requirements = [required({ maxAgeMs: 2 * DAY_MS })];
  const { items } = statuses([on(5)], { maxAgeMs, requirements });
  expect(items[0] && reasonOf(items[0])).toBe("The newest run is 6 days old; at most 2 days was asked for.");
});

test("evidence from the future is none", () => {
  expect(statuses([on(12)]).statuses).toEqual(["future"]);
});

test("evidence from before a change says which file has changed", () => {
  const { items, verdict } = statuses([on(10)], {
    changesSince: () => [
      { file: "go.sum", kind: "changed", of: "lock_file" },
      { file: "chaos/checkout.yaml", kind: "gone", of: "scenario" },
    ],
  });
  expect(verdict).toBe("inconclusive");
  expect(items[0] && reasonOf(items[0])).toBe(
    "go.sum changed, chaos/checkout.yaml is gone since the run of 24 h ago.",
  );
});

test("a fault that was taken from the scenario is asked for no more; --only takes none away", () => {
  const other = [faultShown({ name: "cache cut off" })];
  expect(statuses([on(1, { faults: failed }), on(2, { faults: other })]).items.map(subjectOf)).toEqual([
    "cache cut off on cache",
  ]);
  expect(statuses([on(1, { faults: failed }), on(2, { faults: other, whole: false })]).statuses).toEqual([
    "broken",
    "held",
  ]);
});

test("what is required is found by the fault's name or kind, and by the scenario's name or file", () => {
  const lines = [on(10)];
  for (const requirement of [
    required(),
    required({ fault: "latency" }),
    required({ scenario: "Checkout" }),
    required({ scenario: "chaos/checkout.yaml" }),
  ]) {
    expect(statuses(lines, { requirements: [requirement] }).statuses).toEqual(["held"]);
  }
  for (const requirement of [
    required({ dependency: "database" }),
    required({ fault: "partition" }),
    required({ scenario: "Search" }),
    required({ request: "checkout" }),
  ]) {
    const { items, verdict } = statuses(lines, { requirements: [requirement] });
    expect(items.map(({ status }) => status)).toEqual(["missing"]);
    expect(verdict).toBe("inconclusive");
  }
});

test("what is not required is not asked for", () => {
  const faults = [faultShown(), faultShown({ name: "cache cut off", verdict: "fail" })];
  expect(statuses([on(10, { faults })], { requirements: [required()] }).verdict).toBe("pass");
});

test("of a request its own SLOs count, but not under a fault that was not proven", () => {
  const requests = [
    { request: null, verdict: "fail" as const },
    { request: "checkout", verdict: "pass" as const },
  ];
  const requirements = [required({ request: "checkout" })];
  const shown = (verdict: "fail" | "invalid") => [on(10, { faults: [faultShown({ verdict, requests })] })];
  expect(statuses(shown("fail"), { requirements }).statuses).toEqual(["held"]);
  expect(statuses(shown("invalid"), { requirements }).statuses).toEqual(["undecided"]);
});

test("two scenarios that tell of the same must both hold", () => {
  const scenario = { name: "Search", file: "search.yaml", sha256: "b" };
  const lines = [on(9), on(10, { scenario, faults: failed })];
  expect(statuses(lines, { requirements: [required()] }).statuses).toEqual(["broken", "held"]);
});

test("a load test is evidence of its baseline, and one that was stopped is not", () => {
  expect(statuses([on(1, { faults: [] })]).items.map(subjectOf)).toEqual(["no fault (a load test)"]);
  expect(statuses([on(1, { faults: [], baseline: "fail" })]).verdict).toBe("fail");
  expect(statuses([on(1, { faults: [], verdict: "aborted" })]).verdict).toBe("inconclusive");
});
