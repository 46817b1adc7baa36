import { expect, test, vi } from "vitest";
import { ConnectionWatch } from "../../../../src/faults/toxiproxy/proof/connection-watch.js";
import { sleep } from "../../../../src/support/clock.js";

/** What each look finds and how long it takes: how slow a machine is, is not for a test to choose. */
interface Look {
  readonly afterMs: number;
  readonly clients: readonly string[];
}
const looks = vi.hoisted(() => ({
  found: [] as Look[], // empty: its type is the interface above
  bytes: [] as (Readonly<Record<string, number>> | null)[],
}));
vi.mock("../../../../src/faults/toxiproxy/proof/local-connections.js", () => ({
  clientsNow: async () => {
    const { afterMs, clients } = looks.found.shift() ?? { afterMs: 0, clients: [] };
    await sleep(afterMs);
    return new Set(clients);
  },
}));
vi.mock("../../../../src/faults/toxiproxy/proof/socket-bytes.js", () => ({
  socketBytes: async () => {
    const bytes = looks.bytes.shift() ?? null;
    return bytes && new Map(Object.entries(bytes));
  },
}));

const NOBODY: Look = { afterMs: 0, clients: [] };

test("a connection that a slow look has seen is not forgotten for a later one that saw none", async () => {
  looks.found = [NOBODY, { afterMs: 200, clients: ["a"] }, { afterMs: 300, clients: [] }];
  const watch = await ConnectionWatch.begin("127.0.0.1:6391");
  await sleep(600);
  expect(await watch.end()).toMatchObject({ made: 1 });
});

test("a look that is under way at the end still counts", async () => {
  looks.found = [NOBODY, { afterMs: 400, clients: ["a", "b"] }];
  const watch = await ConnectionWatch.begin("127.0.0.1:6391");
  await sleep(200);
  expect(await watch.end()).toEqual({ open: 2, made: 2, bytes: null });
});

test("who was there before is no news, and neither are bytes that were there before", async () => {
  looks.found = Array.from({ length: 20 }, () => ({ afterMs: 0, clients: ["a"] }));
  looks.bytes = [{ a: 100 }, { a: 100 }];
  const watch = await ConnectionWatch.begin("127.0.0.1:6391");
  await sleep(200);
  expect(await watch.end()).toEqual({ open: 1, made: 0, bytes: 0 });
});

test("bytes on a connection that stays open are seen", async () => {
  looks.found = Array.from({ length: 20 }, () => ({ afterMs: 0, clients: ["a", "b"] }));
  looks.bytes = [
    { a: 100, b: 50 },
    { a: 130, b: 50 },
  ];
  const watch = await ConnectionWatch.begin("127.0.0.1:6391");
  expect(await watch.end()).toEqual({ open: 2, made: 0, bytes: 30 });
});
