import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { isOfGameDay } from "../../../src/app/gameday/is-of-game-day.js";
import { remakeDebrief } from "../../../src/app/gameday/remake-debrief.js";
import { dayReport, faultOfDay, scenarioOfDay } from "../../helpers/days.js";
import { temporaryFolder } from "../../helpers/faultline.js";

test("a game day is a folder with day.json or that file, and no other file whose name ends so", async () => {
  const folder = await temporaryFolder();
  const [day, holiday] = ["day.json", "holiday.json"].map((name) => join(folder, name)) as [string, string]; // two names
  writeFileSync(holiday, "{}");
  expect(await isOfGameDay(folder)).toBe(false);
  expect(await isOfGameDay(day)).toBe(false);
  writeFileSync(day, JSON.stringify(dayReport()));
  expect(await isOfGameDay(folder)).toBe(true);
  expect(await isOfGameDay(day)).toBe(true);
  expect(await isOfGameDay(holiday)).toBe(false);
});

test("pages and proposed items are made again, also of a folder that is called as a file of a day", async () => {
  const folder = join(await temporaryFolder(), "holiday.json");
  mkdirSync(folder);
  writeFileSync(
    join(folder, "day.json"),
    JSON.stringify(dayReport({ scenarios: [scenarioOfDay({ faults: [faultOfDay()] })] })),
  );
  await remakeDebrief(folder, null);
  expect(readdirSync(folder).sort()).toEqual([
    "actions.proposed.yaml",
    "day.json",
    "debrief.html",
    "debrief.md",
  ]);
});
