import { expect, test } from "vitest";
import { responsesTo } from "../../src/app/gameday/response.js";
import { responseText } from "../../src/gameday/report/response-in-words.js";
import type { RunRecord } from "../../src/measure/record.js";
import type { Note } from "../../src/run/listening/note.js";
import { buildRecord } from "../helpers/record-builder.js";

const record = buildRecord({
  ratePerS: 50,
  slos: ["error_rate < 1%"],
  phases: [
    { kind: "baseline", seconds: 10 },
    {
      kind: "fault",
      fault: "slow cache",
      seconds: 30,
      bad: { timeout: 0.5 },
      at: (second) => (second < 20 ? {} : { bad: {} }),
    },
    { kind: "recovery", fault: "slow cache", seconds: 10 },
  ],
});
const [fault] = record.faults;
const [first] = record.phases;
const faultMs =
  Date.parse(first?.startedAt ?? "") -
  (first?.startS ?? 0) * 1000 +
  (fault?.injectedAtS ?? Number.NaN) * 1000;
const target = fault?.actions[0]?.target ?? "";

function note(afterS: number, text: string, kind?: Note["kind"]): Note {
  return { kind, by: "alice", at: new Date(faultMs + afterS * 1000).toISOString(), text };
}

test("notes are held against the fault that was in place: noticed, found, mitigated", () => {
  const notes = [
    note(-5, "all is well"),
    note(4, "checkout is slow"),
    note(7, "the network is broken", "found"),
    note(12, `${target.toUpperCase()} answers too late`, "found"),
    note(20, "switched it off", "mitigated"),
  ];
  const [response] = responsesTo([record], notes)[0] ?? [];
  expect(response).toMatchObject({
    fault: "slow cache",
    targets: [target],
    detected: { afterS: 4, by: "alice" },
    diagnosed: { afterS: 12 },
    mitigated: { afterS: 20, goodAfter: 1 },
    theories: [
      { afterS: 7, isRight: false },
      { afterS: 12, isRight: true },
    ],
  });
  expect(response?.mitigated?.goodBefore).toBeGreaterThan(0.3);
  expect(response?.mitigated?.goodBefore).toBeLessThan(0.7);
  expect(response && responseText(response)).toMatch(
    /^noticed after 4 s by alice, found after 12 s by alice, 1 wrong theory, mitigated after 20 s by alice \(\d\d % of requests were good before, 100 % after\)$/,
  );
});

test("a mitigation that changed nothing is told as such, and one with no requests after it says so", () => {
  const share = (notes: readonly Note[]) => responsesTo([record], notes)[0]?.[0]?.mitigated?.goodAfter;
  expect(share([note(2, "", "mitigated")])).toBeLessThan(0.9);
  expect(share([note(29.5, "", "mitigated")])).toBeNull();
});

test.each([
  ["order-db", "the Order DB is gone", true],
  ["order-db", "order_db", true],
  ["db", "feedback is slow", false],
  ["db", "db!", true],
  ["c.1", "c11", false],
])("%s is named by %j: %s", (name, text, isRight) => {
  const named: RunRecord = {
    ...record,
    faults: record.faults.map((each) => ({
      ...each,
      actions: each.actions.map((action) => ({ ...action, target: name })),
    })),
  };
  const [response] = responsesTo([named], [note(1, text, "found")])[0] ?? [];
  expect(response?.theories).toMatchObject([{ isRight }]);
});

test("nobody wrote a note", () => {
  const [response] = responsesTo([record], [])[0] ?? [];
  expect(response).toMatchObject({ detected: null, diagnosed: null, mitigated: null, theories: [] });
  expect(response && responseText(response)).toBe("nobody wrote a note");
});

test("a note after a run is about its last fault, until the next run's first one begins; what was not run has none", () => {
  const DAY_S = 300;
  const later: RunRecord = {
    ...record,
    phases: record.phases.map((phase) => ({
      ...phase,
      startedAt: new Date(Date.parse(phase.startedAt) + DAY_S * 1000).toISOString(),
    })),
  };
  const notes = [note(DAY_S - 5, "in the next baseline"), note(DAY_S + 2, "in the next fault")];
  const responses = responsesTo([record, null, later], notes);
  expect(responses.map((faults) => faults?.map(({ detected }) => detected?.afterS ?? null))).toEqual([
    [DAY_S - 5],
    undefined,
    [2],
  ]);
});
