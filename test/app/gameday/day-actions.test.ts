import { expect, test } from "vitest";
import { decided } from "../../../src/app/gameday/day-actions.js";
import { actionLines, openItemsText } from "../../../src/gameday/report/actions-in-words.js";
import { isPast } from "../../../src/gameday/schema/date.js";
import { actionOfDay, faultOfDay, heldFault, scenarioOfDay } from "../../helpers/days.js";

const mended = actionOfDay({
  before: "mended",
  status: "mended",
  scenario: "cache.yaml",
  fault: "cache cut off",
});
const statusOf = (action: typeof mended, scenario: ReturnType<typeof scenarioOfDay>) =>
  decided([action], [scenario])[0]?.status;
const round = (number: number, verdict: string) =>
  faultOfDay({ name: `cache cut off (round ${number})`, of: "cache cut off", verdict });

test.each([
  ["passes", [heldFault({ name: "cache cut off" })], "closed"],
  ["fails", [faultOfDay()], "open"],
  ["is not decided", [faultOfDay({ verdict: "inconclusive" })], "mended"],
  ["is not there", [heldFault()], "mended"],
  ["fails in one of its rounds", [round(1, "pass"), round(2, "fail")], "open"],
  ["passes in all of its rounds", [round(1, "pass"), round(2, "pass")], "closed"],
] as const)("what was declared mended by a fault that %s", (_, faults, status) => {
  expect(statusOf(mended, scenarioOfDay({ faults: [...faults, faultOfDay({ name: "another" })] }))).toBe(
    status,
  );
});

test("without a fault the whole scenario counts; one that was not run decides nothing", () => {
  const whole = { ...mended, fault: null };
  expect(statusOf(whole, scenarioOfDay())).toBe("closed");
  expect(statusOf(whole, scenarioOfDay({ faults: [faultOfDay()] }))).toBe("open");
  expect(statusOf(whole, scenarioOfDay({ verdict: "inconclusive" }))).toBe("mended");
  expect(statusOf(whole, { ...scenarioOfDay(), verdict: null })).toBe("mended");
  expect(decided([{ ...mended, before: "open", status: "open" }], [scenarioOfDay()])[0]?.status).toBe("open");
});

test("the last day is not over before it is", () => {
  expect(isPast("2026-11-30", Date.parse("2026-11-30T23:59:59Z"))).toBe(false);
  expect(isPast("2026-11-30", Date.parse("2026-12-01T00:00:00Z"))).toBe(true);
});

test("open items are told in few words", () => {
  const items = [
    actionOfDay({ what: "A", due: "2026-01-02", isOverdue: true, owner: "@x", ticket: "T-1" }),
    actionOfDay({ what: "B", before: "mended", status: "mended" }),
    ...["C", "D"].map((what) => actionOfDay({ what })),
  ];
  expect(openItemsText(items)).toBe("4 action items are not closed, 1 overdue: A; B; C; and 1 more.");
  expect(actionLines(items).slice(0, 3)).toEqual([
    "4 action items are not closed, 1 overdue:",
    "A (overdue since 2026-01-02, @x, T-1)",
    "B (mended, is run again)",
  ]);
  expect(openItemsText([])).toBe("");
});
