import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { forgetOldDays } from "../../../src/app/gameday/forget-old-days.js";
import { keptSince } from "../../../src/gameday/schema/keep.js";
import { dayReport } from "../../helpers/days.js";
import { temporaryFolder } from "../../helpers/faultline.js";

const NOW = new Date("2026-11-30T10:00:00.000Z");

function writeDay(
  parent: string,
  startedAt: string,
  more: Parameters<typeof dayReport>[0] = {},
  folder?: string,
): string {
  const exerciseId = `${startedAt.slice(0, 10)}-checkout-friday`;
  const path = join(parent, folder ?? exerciseId);
  mkdirSync(join(path, "run"), { recursive: true });
  writeFileSync(join(path, "run", "report.html"), "");
  writeFileSync(join(path, "day.json"), JSON.stringify(dayReport({ startedAt, exerciseId, ...more })));
  return path;
}

test("folders of this game day that are older are removed, and nothing else", async () => {
  const reports = await temporaryFolder();
  const now = writeDay(reports, NOW.toISOString());
  const old = [
    writeDay(reports, "2025-11-29T10:00:00.000Z"),
    writeDay(join(reports, "checkout-friday"), "2024-01-01T10:00:00.000Z"),
    writeDay(reports, "2024-02-02T10:00:00.000Z", {}, "2024-02-02-checkout-friday-2"),
  ];
  const kept = [
    now,
    writeDay(reports, "2025-12-01T10:00:00.000Z"),
    writeDay(reports, "2024-03-03T10:00:00.000Z", { name: "Another" }),
    writeDay(reports, "2024-04-04T10:00:00.000Z", { tool: { name: "other", version: "1" } }),
    writeDay(reports, "2024-05-05T10:00:00.000Z", {}, "to-show-at-the-conference"),
    writeDay(reports, "some day"),
    writeDay(reports, "2024-06-06T10:00:00.000Z", { exerciseId: "" }, "-2"),
  ];
  const elsewhere = writeDay(await temporaryFolder(), "2024-07-07T10:00:00.000Z");
  symlinkSync(elsewhere, join(reports, "2024-07-07-checkout-friday"));
  const within = await temporaryFolder();
  writeFileSync(join(within, "precious"), "");
  symlinkSync(within, join(old[0] ?? "", "link"));
  mkdirSync(join(reports, "2024-08-08-checkout-friday"));

  const warnings: string[] = [];
  const day = { folder: now, name: "Checkout Friday", keep: "12 months", startedAt: NOW };
  expect(await forgetOldDays(day, (text) => warnings.push(text))).toBe(3);
  expect(warnings).toEqual([]);
  expect(old.filter((folder) => existsSync(folder))).toEqual([]);
  expect(kept.filter((folder) => !existsSync(folder))).toEqual([]);
  for (const path of [
    join(elsewhere, "day.json"),
    join(within, "precious"),
    join(reports, "2024-08-08-checkout-friday"),
  ]) {
    expect(existsSync(path), path).toBe(true);
  }
});

test.each([
  ["90 days", "2026-09-01T10:00:00.000Z"],
  ["2 weeks", "2026-11-16T10:00:00.000Z"],
  ["1 month", "2026-10-30T10:00:00.000Z"],
  ["9 months", "2026-02-28T10:00:00.000Z"],
  ["2years", "2024-11-30T10:00:00.000Z"],
])("keep: %s", (text, since) => {
  expect(keptSince(text, NOW)?.toISOString()).toBe(since);
});
