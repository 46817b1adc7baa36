import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { openFaultPlane } from "../../../../src/faults/toxiproxy/open.js";
import type { ToxiproxyPlane } from "../../../../src/faults/toxiproxy/toxiproxy-plane.js";

const undo: (() => unknown)[] = [];

afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

/** As much of a server as a heartbeat needs; `hangs` makes it take requests and answer none. */
async function server() {
  const state = { beats: 0, hangs: false, url: "", kill: () => {} };
  const listener = createServer((request, response) => {
    if (request.url === "/version") state.beats += 1;
    if (!state.hangs) response.end('{"version": "2.12.0"}');
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  state.url = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`;
  state.kill = () => {
    listener.closeAllConnections();
    listener.close();
  };
  undo.push(state.kill);
  return state;
}

async function open(url: string): Promise<{ readonly plane: ToxiproxyPlane; readonly lost: string[] }> {
  const lost: string[] = [];
  const plane = await openFaultPlane({ toxiproxyUrl: url, seed: 1, onLost: (reason) => lost.push(reason) });
  undo.push(() => plane.close());
  return { plane, lost };
}

test("a real server that dies in mid-run is told once, within seconds", async () => {
  const toxiproxy = await server();
  const { lost } = await open(toxiproxy.url);
  await expect.poll(() => toxiproxy.beats, { timeout: 5_000 }).toBeGreaterThan(2);
  expect(lost).toEqual([]);
  toxiproxy.kill();
  await expect.poll(() => lost, { timeout: 5_000 }).toEqual([expect.stringMatching(/is gone/)]);
  await pause(1_500);
  expect(lost).toHaveLength(1);
});

test("a real server that hangs is told, and closing comes to an end all the same", async () => {
  const toxiproxy = await server();
  const { plane, lost } = await open(toxiproxy.url);
  toxiproxy.hangs = true;
  await expect
    .poll(() => lost, { timeout: 10_000 })
    .toEqual([expect.stringMatching(/does not answer any more/)]);
  const began = performance.now();
  await plane.close();
  expect(performance.now() - began).toBeLessThan(3_000);
});

test("a plane that was closed asks no more", async () => {
  const toxiproxy = await server();
  const { plane, lost } = await open(toxiproxy.url);
  await plane.close();
  const { beats } = toxiproxy;
  toxiproxy.kill();
  await pause(1_500);
  expect(toxiproxy.beats).toBe(beats);
  expect(lost).toEqual([]);
});
