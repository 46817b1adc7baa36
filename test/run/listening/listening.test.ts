import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { addNote } from "../../../src/run/listening/add-note.js";
import {
  type HaltOrder,
  haltPath,
  liftHalt,
  orderHalt,
  readHalt,
  refuseWhileHalted,
} from "../../../src/run/listening/halt-order.js";
import { listen } from "../../../src/run/listening/listener.js";
import type { Note } from "../../../src/run/listening/note.js";
import { ownIdentity } from "../../../src/run/safety/runner-identity.js";
import { temporaryFolder } from "../../helpers/faultline.js";

const NOTE: Note = { by: "alice", at: "2026-11-27T10:00:00.000Z", text: "queue grows" };
const ORDER: HaltOrder = { by: "bob", reason: "too loud", at: "2026-11-27T10:00:00.000Z" };

const runs = (stateFolder: string) => join(stateFolder, "runs");
let listeners = 0;

function hearing(stateFolder: string) {
  const notes: Note[] = [];
  const halts: HaltOrder[] = [];
  listeners += 1;
  const end = listen(
    stateFolder,
    { id: `id-${listeners}`, kind: "run", name: "Shop" },
    { note: (note) => notes.push(note), halt: (order) => halts.push(order) },
  );
  onTestFinished(end);
  return { notes, halts, end };
}

test("a note is heard by all that listen, once, and its file goes with the listener", async () => {
  const folder = await temporaryFolder();
  const [one, other] = [hearing(folder), hearing(folder)];
  expect(addNote(folder, NOTE)).toMatchObject([{ kind: "run", name: "Shop" }, { name: "Shop" }]);
  addNote(folder, { ...NOTE, text: "and falls again\n☂" });
  await expect.poll(() => one.notes.length, { timeout: 10_000 }).toBe(2);
  await one.end();
  await other.end();
  expect(one.notes).toEqual([NOTE, { ...NOTE, text: "and falls again\n☂" }]);
  expect(other.notes).toEqual(one.notes);
  expect(readdirSync(runs(folder))).toEqual([]);
  expect(addNote(folder, NOTE)).toEqual([]);
});

test("what is written in the last moment is heard at the end", async () => {
  const folder = await temporaryFolder();
  const { notes, end } = hearing(folder);
  addNote(folder, NOTE);
  await end();
  expect(notes).toEqual([NOTE]);
});

test("half a line waits for its other half, and what is no note is passed over", async () => {
  const folder = await temporaryFolder();
  const { notes, end } = hearing(folder);
  const [name = ""] = readdirSync(runs(folder));
  const path = join(runs(folder), name);
  const line = `${JSON.stringify(NOTE)}\n`;
  await appendFile(path, `no json\n{"by":1}\n${"x".repeat(70_000)}\n${line.slice(0, 20)}`);
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  await appendFile(path, line.slice(20));
  await expect.poll(() => notes.length, { timeout: 10_000 }).toBe(1);
  await end();
  expect(notes).toEqual([NOTE]);
});

test("a listener that was killed is no listener, and its file is removed", async () => {
  const folder = await temporaryFolder();
  mkdirSync(runs(folder));
  const dead = { ...ownIdentity(), start: "1" };
  const entry = { kind: "run", name: "Gone", startedAt: NOTE.at, runner: dead };
  writeFileSync(join(runs(folder), "1.notes"), `${JSON.stringify(entry)}\n`);
  writeFileSync(join(runs(folder), "2.notes"), "what is this\n");
  expect(addNote(folder, NOTE)).toEqual([]);
  expect(readdirSync(runs(folder))).toEqual(["2.notes"]);
});

test("a halt is heard once, and stands until it is lifted", async () => {
  const folder = await temporaryFolder();
  const { halts } = hearing(folder);
  orderHalt(folder, ORDER);
  await expect.poll(() => halts.length, { timeout: 10_000 }).toBe(1);
  expect(halts).toEqual([ORDER]);
  expect(() => refuseWhileHalted(folder)).toThrow(
    "nothing is started since 2026-11-27T10:00:00.000Z: halted by bob: too loud",
  );
  expect(liftHalt(folder)).toEqual(ORDER);
  expect(liftHalt(folder)).toBeNull();
  refuseWhileHalted(folder);
});

test("any file of that name is a halt: empty, with a reason in it, or one that cannot be read", async () => {
  const folder = await temporaryFolder();
  writeFileSync(haltPath(folder), "");
  expect(readHalt(folder)).toEqual({ by: "a stop file", reason: null, at: null });
  writeFileSync(haltPath(folder), "the shop is down\n");
  expect(readHalt(folder)).toEqual({ by: "a stop file", reason: "the shop is down", at: null });
  rmSync(haltPath(folder));
  mkdirSync(haltPath(folder));
  expect(readHalt(folder)).toEqual({ by: "a stop file", reason: null, at: null });
});
