/** Nothing of a fault is left on open connections once its rules are gone. */
import { afterEach, expect, test } from "vitest";
import type { HttpRule } from "../../../src/faults/http-rule.js";
import { sleep } from "../../../src/support/clock.js";
import { GatewayLine } from "../../helpers/gateway-line.js";

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0).reverse()) end();
});

const LONG_MS = 30_000;
const ASKED = "POST /pay HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\n\r\nbody";
const ANSWER = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/** A client that has asked once under these rules, of an upstream that answers by hand. */
async function asked(rules: readonly HttpRule[]) {
  const line = await GatewayLine.open(() => {});
  ends.push(() => line.close());
  const { gateway } = line;
  gateway.setRules(rules);
  const client = await line.client();
  const server = await line.next();
  client.socket.write(ASKED);
  await expect.poll(() => gateway.seen.rules[0]?.matched).toBe(1);
  return { gateway, client, server };
}

test.each<HttpRule>([
  { delayMs: LONG_MS },
  { delayMs: LONG_MS, status: 503 },
  { delayMs: LONG_MS, ends: "reset" },
])("a request that is held goes on once %j is gone", async (rule) => {
  const { gateway, client, server } = await asked([rule]);
  await sleep(50);
  expect(server.received).toBe(0);
  const alone = rule.status === undefined && rule.ends === undefined;
  expect(gateway.setRules([])).toMatchObject([{ chosen: 1, acted: alone ? 1 : 0 }]);
  await server.got(ASKED.length, 2_000);
  expect(server.bytes.toString()).toBe(ASKED);
  server.socket.write(ANSWER);
  await client.got(ANSWER.length, 2_000);
  expect(client.bytes.toString()).toBe(ANSWER);
  // The next one on the connection crosses, too.
  client.socket.write(ASKED);
  await server.got(2 * ASKED.length, 2_000);
  expect(gateway.takeTraffic().routes).toMatchObject([{ requests: 1, statuses: { "200": 1 } }]);
});

test("an answer that is held comes once its rule is gone", async () => {
  const { gateway, client, server } = await asked([{ delayMs: LONG_MS, before: "answer" }]);
  await server.got(ASKED.length);
  server.socket.write(ANSWER);
  await expect.poll(() => gateway.seen.rules[0]?.acted).toBe(1);
  expect(client.received).toBe(0);
  gateway.setRules([]);
  await client.got(ANSWER.length, 2_000);
  expect(client.bytes.toString()).toBe(ANSWER);
});

test.each<HttpRule>([{ cut: 0.5 }, { body: "other" }, { slowHeadersMs: LONG_MS }])(
  "an answer that begins after %j is gone is left alone",
  async (rule) => {
    const { gateway, client, server } = await asked([rule]);
    await server.got(ASKED.length);
    expect(gateway.setRules([])).toMatchObject([{ chosen: 1, acted: 0 }]);
    server.socket.write(ANSWER);
    await client.got(ANSWER.length, 2_000);
    expect(client.bytes.toString()).toBe(ANSWER);
  },
);

test("rules that stay still hold what they held", async () => {
  const stays: HttpRule = { delayMs: 400 };
  const { gateway, server } = await asked([stays, { delayMs: LONG_MS }]);
  const beganMs = performance.now();
  await sleep(100);
  gateway.setRules([stays]);
  await sleep(100);
  expect(server.received).toBe(0);
  await server.got(ASKED.length, 2_000);
  // Timers of the gateway began a little before, and may be late on a busy machine.
  expect(performance.now() - beganMs).toBeGreaterThan(300);
});

test("a rule that delays and cuts has acted once it has cut", async () => {
  const { gateway, client, server } = await asked([{ delayMs: 20, cut: 0.5 }]);
  await server.got(ASKED.length);
  const empty = "HTTP/1.1 204 No Content\r\n\r\n";
  server.socket.write(empty);
  await client.got(empty.length);
  expect(gateway.seen.rules).toMatchObject([{ chosen: 1, acted: 0 }]);
});
