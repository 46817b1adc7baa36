import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { isCalledAsExercise, newExerciseId } from "../../../src/app/gameday/exercise-id.js";
import { dayIn, pastDaysBeside } from "../../../src/app/gameday/past-days.js";
import { aWeekBefore, dayReport } from "../../helpers/days.js";
import { temporaryFolder } from "../../helpers/faultline.js";

function writeDay(folder: string, text = JSON.stringify(aWeekBefore(dayReport()))): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "day.json"), text);
  return folder;
}

test("days of this name are found beside it and where schedule and gameday put theirs; nothing else is", async () => {
  const reports = await temporaryFolder();
  const now = writeDay(join(reports, "now"), JSON.stringify(dayReport()));
  writeDay(join(reports, "beside"));
  writeDay(join(reports, "checkout-friday", "by-schedule"));
  writeDay(join(reports, "other"), JSON.stringify(dayReport({ name: "Another" })));
  writeDay(join(reports, "broken"), '{"formatVersion":1,');
  writeDay(join(reports, "not-ours"), '{"name":"Checkout Friday"}');
  const elsewhere = writeDay(join(await temporaryFolder(), "linked"));
  symlinkSync(elsewhere, join(reports, "link"));
  mkdirSync(join(reports, "file-link"));
  symlinkSync(join(elsewhere, "day.json"), join(reports, "file-link", "day.json"));
  const named = async (folder: string) =>
    (await pastDaysBeside(folder, "Checkout Friday"))
      .map((day) => day.folder.slice(reports.length + 1))
      .sort();
  expect(await named(now)).toEqual(["beside", "checkout-friday/by-schedule"]);
  const scheduled = writeDay(join(reports, "checkout-friday", "now"));
  expect(await named(scheduled)).toEqual(["beside", "checkout-friday/by-schedule", "now"]);
});

test("behind hundreds of other folders the days of this name are found, the oldest ones and the latest ones", async () => {
  const reports = await temporaryFolder();
  const others = (stamp: (index: number) => string) =>
    Array.from({ length: 600 }, (_, index) => mkdirSync(join(reports, stamp(index))));
  others((index) => `20200101-${100000 + index}-slow-cache`);
  others((index) => `20290101-${100000 + index}-slow-cache`);
  const day = "20251127-100000-checkout-friday-1f3a";
  const names = [day, `${day}-2`];
  for (const name of names) writeDay(join(reports, name));
  const now = join(reports, "now");
  for (const which of ["oldest", "latest"] as const) {
    const found = await pastDaysBeside(now, "Checkout Friday", which);
    expect(found.map(({ folder }) => basename(folder)).sort()).toEqual(names);
  }
});

test.each([
  ["20251127-100000-checkout-friday-1f3a", "Checkout Friday", true],
  ["20251127-100000-checkout-friday-1f3a-2", "Checkout Friday", true],
  ["20251127-100000-checkout-friday-late-1f3a", "Checkout Friday", false],
  ["20251127-100000-checkout-friday", "Checkout Friday", false],
  ["20251127-100000-1f3a", "キャッシュ", true],
  ["20251127-100000-cache-1f3a", "キャッシュ", false],
])("folder %s is called as an exercise of %s: %s", (folder, name, isOne) => {
  expect(isCalledAsExercise(folder, name)).toBe(isOne);
  expect(isCalledAsExercise(newExerciseId(new Date(), name), name)).toBe(true);
});

test("a folder without a readable day.json holds no day", async () => {
  const folder = await temporaryFolder();
  expect(await dayIn(folder)).toBeNull();
  expect(await dayIn(join(folder, "missing"))).toBeNull();
  mkdirSync(join(folder, "day.json"));
  expect(await dayIn(folder)).toBeNull();
});
