import { expect, test, vi } from "vitest";
import { ConnectionWatch } from "../../src/proxy/connection-watch.js";
import { sleep } from "../../src/support/clock.js";

/** What each look finds and how long it takes: how slow a machine is, is not for a test to choose. */
const looks = vi.hoisted(() => ({ found: [] as { readonly afterMs: number; readonly count: number }[] }));
vi.mock("../../src/proxy/local-connections.js", () => ({
  connectionsNow: async () => {
    const { afterMs, count } = looks.found.shift() ?? { afterMs: 0, count: 0 };
    await sleep(afterMs);
    return count;
  },
  connectionsTo: async () => 0,
}));

test("a connection that a slow look has seen is not forgotten for a later one that saw none", async () => {
  looks.found = [
    { afterMs: 200, count: 5 },
    { afterMs: 300, count: 0 },
  ];
  const watch = new ConnectionWatch("127.0.0.1:6391");
  await sleep(600);
  expect(await watch.end()).toBe(5);
});

test("a look that is under way at the end still counts", async () => {
  looks.found = [{ afterMs: 400, count: 2 }];
  const watch = new ConnectionWatch("127.0.0.1:6391");
  await sleep(200);
  expect(await watch.end()).toBe(2);
});
