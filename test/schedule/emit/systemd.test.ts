import { expect, test } from "vitest";
import { DueRuns } from "../../../src/schedule/due/due-runs.js";
import { cronTimes } from "../../../src/schedule/emit/cron-times.js";
import { EngineRefusal } from "../../../src/schedule/emit/emitter.js";
import { calendarLines } from "../../../src/schedule/emit/systemd.js";
import { hasProgram } from "../../helpers/has-program.js";
import { runProgram } from "../../helpers/validators.js";

test.each([
  ["0 10 * * FRI", ["Fri *-*-* 10:00:00"]],
  ["*/15 9-17 * JAN-MAR MON-FRI", ["Mon,Tue,Wed,Thu,Fri *-01..03-* 09..17:00,15,30,45:00"]],
  ["0 0 1 * MON", ["*-*-01 00:00:00", "Mon *-*-* 00:00:00"]],
  ["30 4 L * *", ["*-*~01 04:30:00"]],
  ["0 10 * * MON#1", ["Mon *-*-01..7 10:00:00"]],
  ["0 10 * * FRIL", ["Fri *-*~07/1 10:00:00"]],
  ["@daily", ["*-*-* 00:00:00"]],
  ["0 0 1-31 * MON", ["*-*-* 00:00:00"]],
  ["0 12 * * 5-7", ["Sun,Fri,Sat *-*-* 12:00:00"]],
])("%s in systemd's words", (line, expected) => {
  expect(calendarLines(cronTimes(line))).toEqual(expected);
});

test.each(["0 10 15W * *", "0 10 1,L * *", "0 10 * * MON#1,FRI#2", "0 10 1 * +MON"])(
  "%s is refused",
  (line) => {
    expect(() => calendarLines(cronTimes(line))).toThrow(EngineRefusal);
  },
);

const FROM = "2026-11-29T12:00:00Z";
const RUNS = 40;

test.skipIf(!hasProgram("systemd-analyze"))(
  "systemd's next runs are those of the game day",
  { timeout: 120_000 },
  () => {
    const lines: readonly (readonly [string, string])[] = [
      ["0 10 * * FRI", "Europe/Berlin"],
      ["15 */6 * * *", "UTC"],
      ["0 5 1 * MON", "Europe/Berlin"],
      ["0 5 13,20 FEB-APR FRI", "America/New_York"],
      ["30 4 L * *", "Europe/Berlin"],
      ["0 10 * * MON#1", "Australia/Sydney"],
      ["0 10 * * WED#5", "Europe/Berlin"],
      ["0 10 * * FRIL", "Europe/Berlin"],
      ["7,37 8-10 * * 1-5", "Asia/Kolkata"],
      ["0 12 29 2 *", "Europe/Berlin"],
      ["0 12 */10 * SUN", "Europe/Berlin"],
    ];
    for (const [cron, timezone] of lines) {
      const runs = new DueRuns({ name: "day", cron, timezone, jitterMs: 0, quiet: [] });
      const count = cron.includes(" 29 2 ") ? 2 : RUNS;
      const ours: number[] = [];
      for (
        let due = runs.after(Date.parse(FROM));
        due && ours.length < count;
        due = runs.after(due.nominalMs)
      ) {
        ours.push(due.nominalMs);
      }
      const theirs = new Set<number>();
      for (const calendar of calendarLines(cronTimes(cron))) {
        const options = [`--iterations=${count}`, `--base-time=2026-11-29 12:00:00 UTC`];
        const { code, text } = runProgram("env", [
          "TZ=UTC",
          "LC_ALL=C",
          "systemd-analyze",
          "calendar",
          ...options,
          `${calendar} ${timezone}`,
        ]);
        expect({ cron, code, text: code === 0 ? "" : text }).toEqual({ cron, code: 0, text: "" });
        for (const [, at] of text.matchAll(
          /(?:Next elapse|\(in UTC\)|Iter\. #\d+): \w{3} (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) UTC/g,
        )) {
          theirs.add(Date.parse(`${at?.replace(" ", "T")}Z`));
        }
      }
      const first = [...theirs].sort((a, b) => a - b).slice(0, count);
      expect({ cron, runs: first.map(iso) }).toEqual({ cron, runs: ours.map(iso) });
    }
  },
);

const iso = (atMs: number) => new Date(atMs).toISOString();
