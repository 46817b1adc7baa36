import { mkdir, readdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { folderName, makeReportFolder, removeEarlierReports } from "../../src/app/report-folder.js";
import { temporaryFolder } from "../helpers/faultline.js";

test("a run's folder is named by when it began and what it is called, in plain letters", () => {
  const at = new Date("2026-03-01T12:00:00.5Z");
  expect(folderName(at, "Käse & Brot: überlebt „cache“ v2.0")).toBe(
    "20260301-120000-kase-brot-uberlebt-cache-v2-0",
  );
  expect(folderName(at, "../../etc/passwd")).toBe("20260301-120000-etc-passwd");
  expect(folderName(at, "本番")).toBe("20260301-120000");
  expect(folderName(at, "x".repeat(500)).length).toBeLessThan(80);
});

test("two runs of one name in one second have a folder each; a folder of the user's is taken as it is", async () => {
  const cwd = await temporaryFolder();
  const made = await Promise.all(Array.from({ length: 4 }, () => makeReportFolder(cwd, "reports", "run")));
  expect(made.map(({ path }) => basename(path)).sort()).toEqual(["run", "run-2", "run-3", "run-4"]);
  await mkdir(join(cwd, "out"));
  expect(await makeReportFolder(cwd, "out", null)).toEqual({ path: join(cwd, "out"), isNew: false });
  expect(await makeReportFolder(cwd, "new/out", null)).toEqual({ path: join(cwd, "new/out"), isNew: true });
});

test("lines of telemetry of an earlier run go with its reports, and other files stay", async () => {
  const folder = await temporaryFolder();
  const record = JSON.stringify({ tool: { name: "faultline" } });
  for (const [name, text] of Object.entries({
    "record.json": record,
    "telemetry.jsonl": "{}",
    "notes.txt": "",
  }))
    await writeFile(join(folder, name), text);
  await removeEarlierReports(folder, []);
  expect(await readdir(folder)).toEqual(["notes.txt"]);
});
