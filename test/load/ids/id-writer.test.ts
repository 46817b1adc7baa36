import { existsSync, mkdtempSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fateOf, IdWriter } from "../../../src/load/ids/id-writer.js";
import type { Ticket } from "../../../src/load/mix/ticket.js";
import { newScope, Values } from "../../../src/load/mix/values.js";
import { type IdEntry, idFileName } from "../../../src/measure/ids/id-log.js";
import { readIdLog } from "../../../src/measure/ids/read-id-log.js";
import { seededRandom } from "../../../src/support/random.js";
import { feedOf } from "../../helpers/load-plans.js";

const feeds = [feedOf("users", "round-robin", [{ id: "ann" }, { id: "bob" }])];

function writer(folder: string, id: string, lost: string[] = []) {
  const share = { thread: 1, threads: 2 };
  const values = new Values(feeds, seededRandom(1), share);
  const noted = [{ request: "order", id }];
  const names = ["browse", "order"];
  const ids = new IdWriter({
    folder,
    noted,
    thread: 1,
    names,
    values,
    onLost: (reason) => void lost.push(reason),
  });
  ids.begin(5_000_000);
  return { ids, values };
}

const newFolder = () => mkdtempSync(join(tmpdir(), "faultline-ids-"));

/** Of the second request name; due in µs. */
const ticket = (dueUs: number, scope = newScope(), name = 1) =>
  ({ name, dueUs, user: { scope } }) as unknown as Ticket;

async function entries(folder: string): Promise<IdEntry[]> {
  const all: IdEntry[] = [];
  await readIdLog(folder, (entry) => void all.push(entry));
  return all;
}

test("an id is what its request has sent, and requests of other names leave none", async () => {
  const folder = newFolder();
  const { ids, values } = writer(folder, "${uuid}");
  const scope = newScope();
  const sent = values.reader("uuid")(scope);
  ids.note(ticket(6_000_000, scope), "acknowledged", 6_012_400);
  ids.note(ticket(6_000_000, newScope(), 0), "acknowledged", 6_012_400);
  ids.flush();
  expect(await entries(folder)).toEqual([
    { fate: "acknowledged", note: 0, dueMs: 1_000, tookMs: 12, id: sent },
  ]);
});

test.each([
  ["n-${seq}", "n-7"],
  ["${data.users.id}/${capture.cart}", "bob/c1"],
  ["${capture.other}", ""],
  ["n-${capture.other}", ""],
])("%s is filled from what the request has sent and what its answer brought", async (id, expected) => {
  const folder = newFolder();
  const { ids } = writer(folder, id);
  const scope = { ...newScope(), seq: 7, rows: [1], captures: new Map([["cart", "c1"]]) };
  ids.note(ticket(5_000_000, scope), "unknown", 5_000_000);
  ids.flush();
  expect((await entries(folder)).map((entry) => entry.id)).toEqual([expected]);
});

test("thousands of ids are written in pieces, and all of them", async () => {
  const folder = newFolder();
  const { ids } = writer(folder, "${capture.cart}");
  const scopeOf = (cart: string) => ({ ...newScope(), captures: new Map([["cart", cart]]) });
  for (let n = 0; n < 5_000; n++) ids.note(ticket(5_000_000, scopeOf(`cart-${n}\n`)), "refused", 5_000_000);
  ids.note(ticket(5_000_000, scopeOf("x".repeat(5_000))), "refused", 5_000_000);
  ids.flush();
  const all = await entries(folder);
  expect(all).toHaveLength(5_001);
  expect(all.slice(0, -1).every(({ id }, n) => id === `cart-${n}\n`)).toBe(true);
  expect(all.at(-1)?.id).toBe("");
});

test.runIf(existsSync("/dev/full"))("a disk that is full ends the writing, and is told once", () => {
  const folder = newFolder();
  symlinkSync("/dev/full", join(folder, idFileName(1)));
  const lost: string[] = [];
  const { ids } = writer(folder, "${uuid}", lost);
  ids.note(ticket(5_000_000), "acknowledged", 5_000_000);
  ids.flush();
  expect(lost).toHaveLength(1);
  expect(lost[0]).toContain("ENOSPC");
});

test("who answers for somebody else does not know what became of it", () => {
  expect([200, 302, 400, 422, 500, 502, 503, 504].map(fateOf)).toEqual([
    "unknown",
    "unknown",
    "refused",
    "refused",
    "refused",
    "unknown",
    "refused",
    "unknown",
  ]);
});

test("a status of gRPC says whether the call was refused, or may have done something", () => {
  const [invalid, notFound, unauthenticated] = [3, 5, 16];
  const [unknown, deadline, exhausted, aborted, internal, unavailable] = [2, 4, 8, 10, 13, 14];
  expect([invalid, notFound, unauthenticated].map(fateOf)).toEqual(["refused", "refused", "refused"]);
  const others = [unknown, deadline, exhausted, aborted, internal, unavailable].map(fateOf);
  expect(new Set(others)).toEqual(new Set(["unknown"]));
});
