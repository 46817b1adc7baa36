import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
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

test("a folder without a readable day.json holds no day", async () => {
  const folder = await temporaryFolder();
  expect(await dayIn(folder)).toBeNull();
  expect(await dayIn(join(folder, "missing"))).toBeNull();
  mkdirSync(join(folder, "day.json"));
  expect(await dayIn(folder)).toBeNull();
});
