import { expect, test } from "vitest";
import { debriefOf } from "../../src/debrief/facts/debrief.js";
import { actionRows } from "../../src/debrief/shown/action-rows.js";
import { proposedActions } from "../../src/debrief/shown/proposed-actions.js";
import { parseActions } from "../../src/gameday/actions/read-actions.js";
import { Diagnostics } from "../../src/scenario/diagnostics/diagnostic.js";
import { Source } from "../../src/scenario/text/source.js";
import { oneLine } from "../../src/support/printable.js";
import {
  actionOfDay,
  at,
  aWeekBefore,
  dayReport,
  faultOfDay,
  heldFault,
  responseOf,
  scenarioOfDay,
} from "../helpers/days.js";
import { HOSTILE } from "../helpers/saved-runs.js";

const broken = scenarioOfDay({
  faults: [faultOfDay()],
  responses: [responseOf("cache cut off")],
  expected: { hypothesis: "orders go on", alert: "Down" },
});
const NO_DAY_BEFORE: readonly never[] = [];

test("it says first what was broken, and what to change for it", () => {
  const { lessons, found: actions } = debriefOf(
    dayReport({ scenarios: [broken], roles: { owner: "@payments" } }),
    NO_DAY_BEFORE,
  );
  expect(lessons).toEqual([
    {
      id: "broken",
      subject: "cache cut off",
      text: '"availability >= 99%" was broken: 100% before, 0% under the fault.',
    },
  ]);
  expect(actions).toEqual([
    {
      id: "cache-cache-cut-off",
      cause: "broken",
      what: 'Keep every promise under "cache cut off" (nothing passes on cache)',
      scenario: "cache.yaml",
      fault: "cache cut off",
      owner: "@payments",
    },
  ]);
});

test("what nothing broke is a lesson, too, and asks for nothing", () => {
  const { lessons, found: actions, surprises } = debriefOf(dayReport(), NO_DAY_BEFORE);
  expect(lessons.map(({ id }) => id)).toEqual(["held"]);
  expect(actions).toEqual([]);
  expect(surprises).toEqual([]);
});

test("a service that waits without a timeout of its own is to get one; rounds of a fault ask once", () => {
  const waits = { id: "no_client_timeout", facts: { timeoutMs: 1_000 }, text: "It waits." };
  const faults = [
    faultOfDay({ findings: [waits] }),
    faultOfDay({ name: "cache cut off (round 2)", of: "cache cut off", findings: [waits] }),
  ];
  const { found: actions, surprises } = debriefOf(
    dayReport({ scenarios: [scenarioOfDay({ faults })] }),
    NO_DAY_BEFORE,
  );
  expect(actions.map(({ cause, what }) => [cause, what])).toEqual([
    [
      "no_client_timeout",
      'Give the service a timeout of its own, shorter than 1 s: it waited under "cache cut off"',
    ],
  ]);
  expect(surprises).toContainEqual({
    id: "finding",
    fault: "cache cut off",
    finding: "no_client_timeout",
    text: "It waits.",
  });
});

test.each([
  ["キャッシュ", "データベース", ["cache", "cache-2"]],
  ["db_1", "db-1", ["cache-db-1", "cache-db-1-2"]],
])("faults %s and %s have an item each, also when the team keeps one of them", (one, other, ids) => {
  const faults = [one, other].map((name) => faultOfDay({ name }));
  const day = dayReport({ scenarios: [scenarioOfDay({ faults })] });
  const { found } = debriefOf(day, NO_DAY_BEFORE);
  expect(found.map(({ id, fault }) => [id, fault])).toEqual([
    [ids[0], one],
    [ids[1], other],
  ]);
  const kept = (index: number) =>
    actionOfDay({ id: ids[index] ?? "", scenario: "cache.yaml", fault: [one, other][index] ?? "" });
  const left = (actions: readonly ReturnType<typeof actionOfDay>[]) =>
    debriefOf({ ...day, actions: [...actions] }, NO_DAY_BEFORE).found.map(({ id, fault }) => [id, fault]);
  expect(left([kept(0)])).toEqual([[ids[1], other]]);
  expect(left([kept(1)])).toEqual([[ids[0], one]]);
  expect(left([kept(0), kept(1)])).toEqual([]);
});

test("an item that was proposed with a number is known by it when the other fault is not there", () => {
  const died = { id: "upstream_died", facts: {}, text: "It died." };
  const faults = [faultOfDay({ name: "db-1", findings: [died] })];
  const about = { scenario: "cache.yaml", fault: "db-1" };
  const actions = [
    actionOfDay({ ...about, id: "cache-db-1-upstream-died", fault: "db_1" }),
    actionOfDay({ ...about, id: "cache-db-1-upstream-died-2" }),
  ];
  const day = dayReport({ scenarios: [scenarioOfDay({ faults })], actions });
  expect(debriefOf(day, NO_DAY_BEFORE).found).toEqual([]);
});

test.each([
  ["pass", "met"],
  ["fail", "not_met"],
  ["aborted", "not_met"],
  ["inconclusive", "open"],
  [null, "open"],
] as const)("an expectation of a scenario with the verdict %s is %s", (verdict, outcome) => {
  const scenario = { ...broken, verdict };
  const { expectations } = debriefOf(dayReport({ scenarios: [scenario] }), NO_DAY_BEFORE);
  expect(expectations[0]?.outcome).toBe(outcome);
});

test("where nothing was expected, nothing was met", () => {
  expect(debriefOf(dayReport(), NO_DAY_BEFORE).expectations[0]?.outcome).toBe("none");
});

test("a person detects a fault with the first note after it began", () => {
  const faults = [faultOfDay(), faultOfDay({ name: "cache slow", injectedAt: at(40), removedAt: at(45) })];
  const responses = [
    responseOf("cache cut off", { detected: { afterS: 7.2, by: "alice" } }),
    responseOf("cache slow"),
  ];
  const notes = [{ at: at(27), by: "alice", text: "red" }];
  const day = dayReport({ scenarios: [scenarioOfDay({ faults, responses })], notes });
  const { detected, found: actions } = debriefOf(day, NO_DAY_BEFORE);
  expect(detected.map(({ response }) => response?.detected)).toEqual([{ afterS: 7.2, by: "alice" }, null]);
  const what = 'Make it noticed when cache.yaml breaks promises: nobody noted "cache slow"';
  expect(actions).toContainEqual(expect.objectContaining({ id: "cache-unnoticed", what }));
});

test("that nobody noticed is to be changed only where somebody watched", () => {
  const unnoticed = (more: Parameters<typeof dayReport>[0]) =>
    debriefOf(dayReport({ scenarios: [broken], ...more }), NO_DAY_BEFORE).found.filter(
      ({ cause }) => cause === "unnoticed",
    ).length;
  expect(unnoticed({})).toBe(0);
  expect(unnoticed({ roles: { observers: "#payments" } })).toBe(1);
});

test("an earlier day of the same name stands against it: changed verdicts, and how long it took then", () => {
  const passed = aWeekBefore(
    dayReport({ scenarios: [scenarioOfDay({ faults: [heldFault({ name: "cache cut off" })] })] }),
  );
  const other = { ...passed, name: "Another" };
  const later = { ...passed, startedAt: at(100_000) };
  const days = [passed, other, later].map((day) => ({ day, page: null }));
  const { earlier, surprises, detected } = debriefOf(dayReport({ scenarios: [broken] }), days);
  expect(earlier.map(({ day }) => day)).toEqual([passed]);
  expect(surprises).toContainEqual(expect.objectContaining({ id: "verdict_changed", on: passed.startedAt }));
  expect(detected[0]?.before?.detection).toMatchObject({ seconds: 10, censored: true });
});

test("the timeline has faults, SLOs, notes and the halt in the order in which they happened", () => {
  const day = dayReport({
    scenarios: [broken],
    notes: [{ at: at(25), by: "alice", text: "queue grows" }],
    halt: { by: "bob", reason: "enough", at: at(52) },
  });
  const { timeline, lessons } = debriefOf(day, NO_DAY_BEFORE);
  expect(timeline.map(({ kind, text }) => `${kind}: ${text}`)).toEqual([
    "day: the game day begins",
    "scenario: cache.yaml begins",
    'fault: "cache cut off" begins: nothing passes on cache',
    'slo: "availability >= 99%" was visibly broken within 3 s.',
    "note: alice: queue grows",
    'fault: "cache cut off" ends',
    'slo: back at every SLO after "cache cut off"',
    "scenario: cache.yaml ends: fail",
    "halt: halted by bob: enough",
    "day: the game day ends: fail",
  ]);
  expect(lessons[0]).toEqual({ id: "halted", subject: null, text: "bob halted the day (enough)." });
});

test("what was not decided is told of a scenario that failed by another fault, too", () => {
  const faults = [faultOfDay(), heldFault({ verdict: "inconclusive" })];
  const { lessons } = debriefOf(dayReport({ scenarios: [scenarioOfDay({ faults })] }), NO_DAY_BEFORE);
  expect(lessons).toContainEqual({
    id: "undecided",
    subject: "cache.yaml",
    text: 'Not decided: "slow cache".',
  });
});

test("a fault is told with its scenario where another one has a fault of that name", () => {
  const scenarios = [
    broken,
    scenarioOfDay({ file: "other.yaml", faults: [faultOfDay({ verdict: "inconclusive" })] }),
  ];
  const { lessons, found: actions } = debriefOf(dayReport({ scenarios }), NO_DAY_BEFORE);
  expect(lessons[0]?.subject).toBe("cache cut off (cache.yaml)");
  expect(actions[0]?.what).toContain('under "cache cut off" of cache.yaml');
});

test("what could not be run, was not decided or was postponed is told as such", () => {
  const nothing = { verdict: null, faults: [], startedAt: null, durationS: null, folder: null };
  const scenarios = [
    { ...scenarioOfDay(), ...nothing, exitCode: 4, reason: "the target cannot be reached" },
    scenarioOfDay({ file: "b.yaml", verdict: "inconclusive", faults: [], reason: "too few requests" }),
    { ...scenarioOfDay(), ...nothing, file: "c.yaml", exitCode: null },
  ];
  const { lessons, found: actions } = debriefOf(dayReport({ scenarios, verdict: "error" }), NO_DAY_BEFORE);
  expect(lessons.map(({ id, subject }) => [id, subject])).toEqual([
    ["not_run", "cache.yaml"],
    ["undecided", "b.yaml"],
  ]);
  expect(actions.map(({ cause }) => cause)).toEqual(["not_run", "undecided"]);
  const postponed = dayReport({
    scenarios: [],
    verdict: "postponed",
    exitCode: 3,
    reason: "An incident is open.",
  });
  expect(debriefOf(postponed, NO_DAY_BEFORE).lessons).toEqual([
    { id: "postponed", subject: null, text: "An incident is open." },
  ]);
});

test("a day of an older version, without its faults, is told by its scenarios", () => {
  const { faults: _, ...old } = broken;
  const { lessons, found: actions } = debriefOf(dayReport({ scenarios: [old] }), NO_DAY_BEFORE);
  expect(lessons[0]).toMatchObject({ id: "broken", subject: "cache.yaml" });
  expect(actions.map(({ fault }) => fault)).toEqual([null]);
});

test("what the team keeps is not found a second time; what was mended is a lesson either way", () => {
  const about = { scenario: "cache.yaml", fault: "cache cut off" };
  const found = (more: Parameters<typeof actionOfDay>[0]) =>
    debriefOf(
      dayReport({ scenarios: [broken], actions: [actionOfDay({ ...about, ...more })] }),
      NO_DAY_BEFORE,
    );
  expect(found({}).found).toEqual([]);
  expect(found({ fault: "another" }).found).toHaveLength(1);
  const again = found({ before: "mended", status: "open" });
  expect(again.found).toEqual([]);
  expect(again.lessons).toContainEqual({
    id: "reopened",
    subject: "checkout-timeout",
    text: "It was declared mended, and it broke again: Give checkout a timeout",
  });
  expect(found({ before: "mended", status: "closed", fault: "x" }).lessons.map(({ id }) => id)).toContain(
    "closed",
  );
});

test("overdue items stand first, then what is new, and what is closed last", () => {
  const actions = [
    actionOfDay({ what: "late", due: "2026-01-02", isOverdue: true }),
    actionOfDay({ what: "done", before: "mended", status: "closed" }),
    actionOfDay({ what: "open" }),
    actionOfDay({ what: "again", before: "mended", status: "open" }),
  ];
  const rows = actionRows(debriefOf(dayReport({ scenarios: [broken], actions }), NO_DAY_BEFORE));
  expect(rows.map(({ status }) => status)).toEqual(["overdue", "new", "reopened", "open", "closed"]);
});

test("new items are proposed in the form of the team's file, whatever names hold", () => {
  const hostile = scenarioOfDay({ file: HOSTILE, faults: [faultOfDay({ name: HOSTILE })] });
  const debrief = debriefOf(dayReport({ owner: HOSTILE, scenarios: [broken, hostile] }), NO_DAY_BEFORE);
  const diagnostics = new Diagnostics();
  const text = proposedActions(debrief) ?? "";
  const parsed = parseActions(new Source("proposed", text, "."), diagnostics);
  expect(diagnostics.list()).toEqual([]);
  expect(parsed?.items.map(({ status, scenario, fault }) => [status, scenario, fault])).toEqual([
    ["open", "cache.yaml", "cache cut off"],
    ["open", oneLine(HOSTILE), oneLine(HOSTILE)],
  ]);
  expect(proposedActions(debriefOf(dayReport(), NO_DAY_BEFORE))).toBeNull();
});

test("an exempt fault that failed is told as such and asks for nothing; one that passed need not be exempt", () => {
  const exempt = { reason: "no fallback yet", owner: "@payments", expires: "2027-01-31" };
  const faults = [faultOfDay({ exempt }), heldFault({ exempt })];
  const { lessons, found } = debriefOf(dayReport({ scenarios: [scenarioOfDay({ faults })] }), NO_DAY_BEFORE);
  expect(lessons.map(({ id, subject }) => [id, subject])).toEqual([
    ["exempt", "cache cut off"],
    ["exempt_passed", "slow cache"],
    ["held", null],
  ]);
  expect(lessons[0]?.text).toContain("It is exempt until 2027-01-31 (@payments: no fallback yet).");
  expect(found).toEqual([]);
});
