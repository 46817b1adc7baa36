import { expect, test } from "vitest";
import type { GameDayOutcome } from "../../../src/schedule/game-day-outcome.js";
import type { SchedulerEvent } from "../../../src/schedule/scheduler-options.js";
import { StatusBoard } from "../../../src/schedule/status/board.js";
import { gameDayOf } from "../../helpers/fake-scheduling.js";

const gameDay = gameDayOf("Friday", { cron: "0 10 * * FRI", timezone: "UTC" });
const due = { nominalMs: 1_000, startMs: 1_000, quiet: null };
const ran: GameDayOutcome = {
  verdict: "pass",
  exitCode: 0,
  score: 90,
  durationMs: 500,
  folder: "/reports",
  postponed: null,
};
const ended = (endedMs: number, outcome: GameDayOutcome): SchedulerEvent => ({
  kind: "ended",
  gameDay,
  due,
  endedMs,
  outcome,
});
const postponed: GameDayOutcome = {
  ...ran,
  verdict: "postponed",
  score: null,
  postponed: { by: "halt", reason: "halted by bob" },
};

test("a run that was postponed is no run: the last one stays, until there is another", () => {
  const board = new StatusBoard();
  board.hear(ended(2_000, ran));
  board.hear(ended(9_000, postponed));
  expect(board.days).toMatchObject([
    { name: "Friday", last: { endedMs: 2_000, score: 90 }, postponedBecause: "halted by bob" },
  ]);
  expect(Object.fromEntries(board.days[0]?.postponed ?? [])).toEqual({ halt: 1 });
  board.hear(ended(12_000, ran));
  expect(board.days).toMatchObject([{ last: { endedMs: 12_000 }, postponedBecause: null }]);
});

test("a game day that is in no file any more does not come back when its run ends", () => {
  const board = new StatusBoard();
  board.hear({ kind: "started", gameDay, due, startedMs: 1_000 });
  board.keep([]);
  board.hear(ended(2_000, ran));
  expect(board.days).toEqual([]);
});
