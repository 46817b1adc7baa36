import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.js";
import { jsonReporter } from "../../src/report/formats/json.js";
import type { FileReporter } from "../../src/report/reporter.js";
import { writeReports } from "../../src/report/write-reports.js";
import { FaultlineError } from "../../src/support/errors.js";
import { buildRecord } from "../helpers/record-builder.js";

const record = buildRecord({ phases: [{ kind: "baseline", seconds: 2 }] });
const input = { record, report: analyse(record) };
const text = (name: string, render: () => string): FileReporter => ({
  name,
  fileName: `${name}.txt`,
  mime: "text/plain",
  purpose: "",
  render,
});

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "faultline-write-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test("files get the reporter's name in the run's folder, or the path the user chose; folders are made", async () => {
  const elsewhere = join(folder, "ci", "absolute.json");
  const written = await writeReports({
    ...input,
    folder: join(folder, "new", "run"),
    reporters: [
      { reporter: jsonReporter, path: null },
      { reporter: jsonReporter, path: elsewhere },
    ],
  });
  expect(written.map((file) => file.path)).toEqual([join(folder, "new", "run", "report.json"), elsewhere]);
  for (const { path } of written) expect(JSON.parse(await readFile(path, "utf8"))).toEqual(input.report);
});

test("a file that cannot be written leaves what was there, and nothing beside it", async () => {
  await mkdir(join(folder, "report.json", "in-the-way"), { recursive: true });
  const attempt = writeReports({ ...input, folder, reporters: [{ reporter: jsonReporter, path: null }] });
  await expect(attempt).rejects.toThrowError(FaultlineError);
  await expect(attempt).rejects.toMatchObject({ code: "REPORT_UNWRITABLE" });
  expect(await readdir(folder)).toEqual(["report.json"]);
});

test("what is no plain file, such as a link or a socket, is not replaced by a report", async () => {
  const file = join(folder, "file");
  const link = join(folder, "link");
  await writeFile(file, "mine");
  await symlink(file, link);
  const socket = join(folder, "socket");
  const server = createServer().listen(socket);
  await once(server, "listening");
  onTestFinished(() => void server.close());
  for (const [path, why] of [
    [link, "it is a link; name the file itself"],
    [socket, "it is not a file"],
  ] as const) {
    const attempt = writeReports({ ...input, folder, reporters: [{ reporter: jsonReporter, path }] });
    await expect(attempt).rejects.toMatchObject({
      code: "REPORT_UNWRITABLE",
      message: `cannot write ${path}: ${why}`,
    });
  }
  expect(await readFile(link, "utf8")).toBe("mine");
  expect((await readdir(folder)).sort()).toEqual(["file", "link", "socket"]);
});

test("a folder that cannot be made is told as unwritable", async () => {
  await writeFile(join(folder, "file"), "");
  const attempt = writeReports({
    ...input,
    folder: join(folder, "file", "run"),
    reporters: [{ reporter: jsonReporter, path: null }],
  });
  await expect(attempt).rejects.toMatchObject({ code: "REPORT_UNWRITABLE" });
});

test("one reporter that breaks does not keep the others from being written", async () => {
  const attempt = writeReports({
    ...input,
    folder,
    reporters: [
      { reporter: text("before", () => "1"), path: null },
      {
        reporter: text("broken", () => {
          throw new Error("broken reporter");
        }),
        path: null,
      },
      { reporter: text("after", () => "2"), path: null },
    ],
  });
  await expect(attempt).rejects.toThrow("broken reporter");
  expect((await readdir(folder)).sort()).toEqual(["after.txt", "before.txt"]);
});

test("who reads while a report is replaced sees the old or the new one, never a part", async () => {
  const path = join(folder, "big.txt");
  const content = ["a", "b"].map((letter) => letter.repeat(4_000_000));
  await writeFile(path, content[0]!);
  let done = false;
  const reading = (async () => {
    const seen = new Set<string>();
    while (!done) seen.add(await readFile(path, "utf8"));
    return seen;
  })();
  for (let round = 0; round < 6; round += 1) {
    const reporter = text("big", () => content[(round + 1) % 2]!);
    await writeReports({ ...input, folder, reporters: [{ reporter, path: null }] });
  }
  done = true;
  for (const seen of await reading) expect(content).toContain(seen);
});
