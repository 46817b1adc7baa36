import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { headLine, idFileName, idLine, isIdFile, parseIdLine } from "../../../src/measure/ids/id-log.js";
import { NoIdLog, readIdLog } from "../../../src/measure/ids/read-id-log.js";

const noted = [{ request: "checkout", id: "${uuid}" }];

function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "faultline-ids-"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

async function idsIn(folder: string): Promise<string[]> {
  const ids: string[] = [];
  await readIdLog(folder, ({ id }) => void ids.push(id));
  return ids;
}

test.each(["6f1c", "", "a\tb", "two\nlines", "back\\slash", 'a "quote"', '"\\\t"', "žluť", "nul\0"])(
  "an id comes back as it was: %j",
  (id) => {
    const line = idLine("unknown", 3, 1200, 45, id);
    expect(line.endsWith("\n")).toBe(true);
    expect(line.slice(0, -1)).not.toContain("\n");
    expect(parseIdLine(line.slice(0, -1))).toEqual({ fate: "unknown", note: 3, dueMs: 1200, tookMs: 45, id });
  },
);

test("a million of them take less than 100 MiB", () => {
  const line = idLine("acknowledged", 0, 3_600_000, 1_000, "6f1c2a30-1111-4222-8333-444455556666");
  expect(line.length * 1_000_000).toBeLessThan(100 * 2 ** 20);
});

test("the ids of a run that was killed can be read, up to the line that was cut", async () => {
  const folder = folderOf({
    [idFileName(0)]:
      `${headLine(noted)}${idLine("acknowledged", 0, 1, 2, "a")}${idLine("refused", 0, 2, 2, "b")}a\t0\t3\t2\tc-cu`,
    [idFileName(1)]: `${headLine(noted)}${idLine("unknown", 0, 3, 2, "d")}nonsense\n`,
    "notes.txt": "of somebody else",
  });
  expect(await idsIn(folder)).toEqual(["a", "b", "d"]);
  expect(isIdFile("notes.txt")).toBe(false);
});

test("what is no log of ids is refused", async () => {
  await expect(idsIn(folderOf({}))).rejects.toThrow(NoIdLog);
  await expect(idsIn(folderOf({ [idFileName(0)]: "a\t0\t1\t2\tb\n" }))).rejects.toThrow("does not begin");
  const newer = headLine(noted).replace('"formatVersion":1', '"formatVersion":2');
  await expect(idsIn(folderOf({ [idFileName(0)]: newer }))).rejects.toThrow("does not begin");
});
