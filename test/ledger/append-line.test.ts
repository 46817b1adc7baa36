import { once } from "node:events";
import { appendFile, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { appendLine } from "../../src/ledger/append-line.js";
import { readLedger, skippedText } from "../../src/ledger/read-ledger.js";
import { startChild } from "../helpers/children/start-child.mjs";
import { temporaryFolder } from "../helpers/faultline.js";
import { ledgerLine } from "../helpers/ledger-lines.js";

const WRITER = fileURLToPath(new URL("../helpers/ledger-writer.mjs", import.meta.url));

async function ledgerPath(): Promise<string> {
  return join(await temporaryFolder(), "history.jsonl");
}

function startWriter(file: string, name: string, count: number, kb: number) {
  const child = startChild(process.execPath, [WRITER, file, name, String(count), String(kb)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout.on("data", (text) => {
    said += String(text);
  });
  return { child, ended: once(child, "close"), written: () => said.split("\n").filter(Boolean) };
}

test("what was appended is read back, in a folder that is made for it", async () => {
  const file = join(await temporaryFolder(), "reports", "history.jsonl");
  const [one, two] = [ledgerLine({ commit: "abc1234" }), ledgerLine()];
  await appendLine(file, one);
  await appendLine(file, two);
  const ledger = await readLedger(file);
  expect(ledger?.lines.map(({ line }) => line)).toEqual([one, two]);
  expect(ledger?.skipped).toEqual([]);
});

test("a ledger that somebody prints acts on no terminal and no CI server, and is read back as it was", async () => {
  const file = await ledgerPath();
  const line = ledgerLine();
  const evil = { ...line, scenario: { ...line.scenario, name: "\u202ename\u0085 ##[error]x\u2028" } };
  await appendLine(file, evil);
  expect(await readFile(file, "utf8")).not.toMatch(/[\u202e\u0085\u2028]|##\[/);
  expect((await readLedger(file))?.lines.map(({ line }) => line)).toEqual([evil]);
});

test("there is no ledger where there is no file", async () => {
  expect(await readLedger(await ledgerPath())).toBeNull();
});

test("half a line costs only itself", async () => {
  const file = await ledgerPath();
  const [before, after] = [ledgerLine(), ledgerLine()];
  await appendLine(file, before);
  await appendFile(file, JSON.stringify(ledgerLine()).slice(0, 200));
  await appendLine(file, after);
  const ledger = await readLedger(file);
  expect(ledger?.lines.map(({ line }) => line.id)).toEqual([before.id, after.id]);
  expect(skippedText(ledger?.skipped ?? [], "history.jsonl")).toEqual(["history.jsonl:2: it is not whole"]);
});

test("a line of a newer format, one with another field and one of noise are left out, each with a word", async () => {
  const file = await ledgerPath();
  const good = ledgerLine();
  const lines = [
    JSON.stringify({ ...ledgerLine(), ledger: 2 }),
    JSON.stringify({ ...ledgerLine(), startedAt: "yesterday" }),
    JSON.stringify(good),
    "\0\0\0\0",
    "[]",
    "",
  ];
  await writeFile(file, lines.join("\n"));
  const ledger = await readLedger(file);
  expect(ledger?.lines.map(({ line, number }) => [line.id, number])).toEqual([[good.id, 3]]);
  expect(ledger?.skipped.map(({ number, why }) => [number, why])).toEqual([
    [1, "newer"],
    [2, "broken"],
    [4, "broken"],
    [5, "broken"],
  ]);
  const [newer, broken, , rest] = skippedText(ledger?.skipped ?? [], "history.jsonl");
  expect(newer).toContain("format 2; this version of faultline reads up to 1");
  expect(broken).toContain("history.jsonl:2: startedAt: expected a time");
  expect(rest).toBe("1 more line of history.jsonl");
});

test("a later version's keys are no reason to leave a line out", async () => {
  const file = await ledgerPath();
  await writeFile(file, `${JSON.stringify({ ...ledgerLine(), weather: "fine" })}\n`);
  expect((await readLedger(file))?.lines).toHaveLength(1);
});

test("a line that stands there twice is one run", async () => {
  const file = await ledgerPath();
  const line = ledgerLine();
  await appendLine(file, line);
  await appendLine(file, line);
  expect((await readLedger(file))?.lines).toHaveLength(1);
});

test("a link is not followed, and what is no file is refused", async () => {
  const folder = await temporaryFolder();
  const other = join(folder, "other.txt");
  await writeFile(other, "mine\n");
  await symlink(other, join(folder, "history.jsonl"));
  await expect(appendLine(join(folder, "history.jsonl"), ledgerLine())).rejects.toThrow();
  expect(await readFile(other, "utf8")).toBe("mine\n");
  await mkdir(join(folder, "folder.jsonl"));
  await expect(appendLine(join(folder, "folder.jsonl"), ledgerLine())).rejects.toThrow();
});

test("four processes at once tear no line of each other", { timeout: 60_000 }, async () => {
  const file = await ledgerPath();
  // Longer than a page, a pipe's buffer and a block of the disk.
  const writers = ["a", "b", "c", "d"].map((name) => startWriter(file, name, 40, 150));
  await Promise.all(writers.map(({ ended }) => ended));
  const ledger = await readLedger(file);
  expect(ledger?.skipped).toEqual([]);
  const ids = ledger?.lines.map(({ line }) => line.id).sort();
  expect(ids).toEqual(writers.flatMap(({ written }) => written()).sort());
  expect(ids).toHaveLength(160);
});

test("writers that are killed at any moment lose no line that is on the disk, nor those of others", {
  timeout: 90_000,
}, async () => {
  const file = await ledgerPath();
  const steady = startWriter(file, "steady", 60, 100);
  const killed: string[] = [];
  const rounds = 12;
  for (let round = 0; round < rounds; round += 1) {
    const writer = startWriter(file, `killed${round}`, 10_000, 400);
    await once(writer.child.stdout, "data");
    await new Promise((resolve) => setTimeout(resolve, round * 3));
    writer.child.kill("SIGKILL");
    await writer.ended;
    killed.push(...writer.written());
  }
  await steady.ended;
  const ledger = await readLedger(file);
  const ids = new Set(ledger?.lines.map(({ line }) => line.id));
  expect(steady.written()).toHaveLength(60);
  expect([...steady.written(), ...killed].filter((id) => !ids.has(id))).toEqual([]);
  // Of each killed writer at most the line that it was at.
  expect(ledger?.skipped.length).toBeLessThanOrEqual(rounds);
});
