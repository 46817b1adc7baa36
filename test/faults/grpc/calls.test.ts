import { status } from "@grpc/grpc-js";
import { afterEach, expect, test } from "vitest";
import { type GrpcGateway, openGrpcGateway } from "../../../src/faults/grpc/gateway/gateway.js";
import { EXCHANGE_ENDS, EXCHANGE_FLAGS } from "../../../src/faults/http-traffic.js";
import type { GrpcRule } from "../../../src/faults/kinds/grpc/grpc-rule.js";
import { sleep } from "../../../src/support/clock.js";
import { seededRandom } from "../../../src/support/random.js";
import { type CallEnd, mixedCall, ShopClient, startGrpcShop } from "../../helpers/grpc-shop.js";

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0).reverse()) end();
});

/** A server of grpc-js behind a gateway with rules, and clients of grpc-js. */
async function standing(rules: readonly GrpcRule[] = [], { silent = false } = {}) {
  const shop = await startGrpcShop({ silent });
  const gateway = await openGrpcGateway({
    listen: { host: "127.0.0.1", port: 0 },
    upstream: { address: { host: "127.0.0.1", port: shop.port }, tls: null, alpn: null },
  });
  gateway.setRules(rules);
  const client = (options = {}) => {
    const one = new ShopClient(gateway.address, options);
    ends.push(() => one.close());
    return one;
  };
  ends.push(
    () => shop.stop(),
    () => gateway.close(),
  );
  return { shop, gateway, client };
}

const ASKED = Buffer.from("A1");
const codes = (answers: readonly CallEnd[]) => answers.map(({ code }) => code);
const count = (answers: readonly CallEnd[], code: number) =>
  answers.filter((answer) => answer.code === code).length;
const tallyOf = (gateway: GrpcGateway, at = 0) => gateway.seen.rules[at];

test("calls of all kinds cross unchanged, also beside rules that act on others", async () => {
  // By hand with 20000.
  const CALLS = Number(process.env.GRPC_CORPUS ?? 500);
  const { shop, gateway, client } = await standing();
  const clients = [client(), client(), client()];
  const others: GrpcRule[] = [
    { method: "shop.Quotes/None", status: "UNAVAILABLE" },
    { method: "shop.Quotes/Watch", delayMs: 1, jitterMs: 1, every: 3 },
    { method: "shop.Quotes/Get", delayMs: 1, before: "answer", every: 4 },
  ];
  const random = seededRandom(7);
  const wrong: string[] = [];
  let begun = 0;
  const work = async (one: ShopClient) => {
    while (begun < CALLS) {
      if (begun === CALLS / 2) gateway.setRules(others);
      const found = await mixedCall(one, begun++, random);
      if (found !== null) wrong.push(found);
    }
  };
  await Promise.all(Array.from({ length: 30 }, (_, at) => work(clients[at % 3]!)));
  expect(wrong).toEqual([]);
  const { routes, unreadable } = gateway.takeTraffic();
  expect(unreadable).toBe(0);
  const seen = Object.values(shop.seen).reduce((sum, calls) => sum + calls, 0);
  expect(seen).toBe(begun);
  expect(routes.reduce((sum, { requests }) => sum + requests, 0)).toBe(begun);
  const get = routes.find(({ route }) => route === "shop.Quotes/Get");
  expect(get?.requests).toBe(shop.seen.get);
  expect(get?.statuses.OK).toBe(CALLS / 5);
  expect(get?.statuses.UNAVAILABLE).toBeGreaterThan(0);
  expect(tallyOf(gateway, 1)?.acted).toBeGreaterThan(0);
  expect(tallyOf(gateway, 2)?.acted).toBeGreaterThan(0);
});

test("a share of calls is answered with a status, and the upstream does not see them", async () => {
  const CALLS = 2_000;
  const { shop, gateway, client } = await standing([
    { status: "UNAVAILABLE", message: "größer", share: 0.3 },
  ]);
  const one = client();
  const answers: CallEnd[] = [];
  const work = async () => {
    while (answers.length + 20 < CALLS) answers.push(await one.get(ASKED));
  };
  await Promise.all(Array.from({ length: 20 }, work));
  const refused = count(answers, status.UNAVAILABLE);
  // Three standard deviations of a binomial distribution.
  const spread = 3 * Math.sqrt(answers.length * 0.3 * 0.7);
  expect(Math.abs(refused - 0.3 * answers.length)).toBeLessThan(spread);
  expect(refused + count(answers, status.OK)).toBe(answers.length);
  expect(shop.seen.get).toBe(answers.length - refused);
  expect(tallyOf(gateway)).toMatchObject({ matched: answers.length, chosen: refused, acted: refused });
  expect(answers.find(({ code }) => code === status.UNAVAILABLE)?.details).toBe("größer");
  const [route] = gateway.takeTraffic().routes;
  expect(route).toEqual({
    route: "shop.Quotes/Get",
    requests: answers.length,
    actedOn: refused,
    statuses: { OK: answers.length - refused, UNAVAILABLE: refused },
  });
});

test("the first three are three, however many come at once", async () => {
  const { shop, gateway, client } = await standing([{ status: "RESOURCE_EXHAUSTED", first: 3 }]);
  const clients = Array.from({ length: 10 }, () => client());
  const answers = await Promise.all(Array.from({ length: 50 }, (_, at) => clients[at % 10]!.get(ASKED)));
  expect(count(answers, status.RESOURCE_EXHAUSTED)).toBe(3);
  expect(count(answers, status.OK)).toBe(47);
  expect(shop.seen.get).toBe(47);
  expect(tallyOf(gateway)).toMatchObject({ matched: 50, acted: 3 });
});

test("a rule is for the methods and the metadata that it names", async () => {
  const { gateway, client } = await standing([
    { method: "shop.*/Get", metadata: { "x-tenant": "acme-*" }, status: "PERMISSION_DENIED" },
  ]);
  const one = client();
  const answers = [
    await one.get(ASKED),
    await one.get(ASKED, { metadata: { "x-tenant": "acme-7" } }),
    await one.get(ASKED, { metadata: { "x-tenant": "other" } }),
    await one.watch(1, 1, { metadata: { "x-tenant": "acme-7" } }),
  ];
  expect(codes(answers)).toEqual([0, status.PERMISSION_DENIED, 0, 0]);
  expect(tallyOf(gateway)).toMatchObject({ matched: 1, acted: 1 });
});

test("metadata goes with a status of ours", async () => {
  const trailers = { "Grpc-Retry-Pushback-Ms": "500", "x-why": "a test" };
  const { client, gateway } = await standing([{ status: "UNAVAILABLE", trailers, every: 2 }]);
  const one = client();
  expect((await one.get(ASKED)).code).toBe(status.OK);
  const answer = await one.get(ASKED);
  expect(answer.code).toBe(status.UNAVAILABLE);
  expect(answer.trailers.get("grpc-retry-pushback-ms")).toEqual(["500"]);
  expect(answer.trailers.get("x-why")).toEqual(["a test"]);
  const { exchanges } = gateway.takeTraffic();
  expect(exchanges.status).toEqual([status.OK, status.UNAVAILABLE]);
  const { grpc, actedOn, retryAfter } = EXCHANGE_FLAGS;
  expect(exchanges.flags).toEqual([grpc, grpc + actedOn + retryAfter]);
  expect(new Set(exchanges.digest).size).toBe(1);
});

test("a call that its client tries again is known again", async () => {
  const { gateway, client } = await standing([
    { status: "UNAVAILABLE", first: 2, metadata: { "x-nth": "1" } },
  ]);
  const retryPolicy = {
    maxAttempts: 4,
    initialBackoff: "0.02s",
    maxBackoff: "0.1s",
    backoffMultiplier: 2,
    retryableStatusCodes: ["UNAVAILABLE"],
  };
  const one = client({
    "grpc.enable_retries": 1,
    "grpc.service_config": JSON.stringify({
      methodConfig: [{ name: [{ service: "shop.Quotes" }], retryPolicy }],
    }),
  });
  const answers = await Promise.all([
    one.get(Buffer.alloc(100, 1), { metadata: { "x-nth": "1" } }),
    one.get(Buffer.alloc(100, 2), { metadata: { "x-nth": "2" } }),
  ]);
  expect(codes(answers)).toEqual([0, 0]);
  const { exchanges } = gateway.takeTraffic();
  const digests = [...new Set(exchanges.digest)];
  const ofEach = digests.map((digest) => exchanges.status.filter((_, at) => exchanges.digest[at] === digest));
  expect(ofEach.sort((a, b) => a.length - b.length)).toEqual([
    [status.OK],
    [status.UNAVAILABLE, status.UNAVAILABLE, status.OK],
  ]);
});

test("a call that is held goes on later, and those behind it do not wait", async () => {
  const { shop, client } = await standing([{ delayMs: 300, first: 1, method: "*/Get" }]);
  const one = client();
  const held = one.get(ASKED, { metadata: { "x-nth": "held" } });
  await sleep(50);
  const behind = await Promise.all([
    one.get(ASKED),
    one.watch(3, 10),
    one.add([ASKED, ASKED]),
    one.chat([ASKED]),
  ]);
  expect(codes(behind)).toEqual([0, 0, 0, 0]);
  expect(Math.max(...behind.map(({ tookMs }) => tookMs))).toBeLessThan(200);
  expect(shop.seen.get).toBe(1);
  const late = await held;
  expect(late).toMatchObject({ code: 0 });
  expect(late.tookMs).toBeGreaterThan(295);
  expect(shop.seen.get).toBe(2);
});

test("an answer that is held comes later, and its call has gone at once", async () => {
  const { shop, client } = await standing([{ delayMs: 300, before: "answer", first: 1 }]);
  const one = client();
  const held = one.watch(20, 1_000);
  await sleep(100);
  expect(shop.seen.watch).toBe(1);
  expect((await one.get(ASKED)).tookMs).toBeLessThan(150);
  const late = await held;
  expect(late.code).toBe(0);
  expect(late.messages).toHaveLength(20);
  expect(late.tookMs).toBeGreaterThan(295);
  // Nothing of the order is lost for those behind it.
  expect(codes(await Promise.all([one.get(ASKED), one.chat([ASKED, ASKED]), one.watch(2, 5)]))).toEqual([
    0, 0, 0,
  ]);
});

test("deadlines cross, and a call that its client gives up is given up at the upstream", async () => {
  const { shop, gateway, client } = await standing([], { silent: true });
  const one = client();
  const answer = await one.get(ASKED, { deadlineMs: 200 });
  expect(answer.code).toBe(status.DEADLINE_EXCEEDED);
  await expect.poll(() => shop.cancelled).toBe(1);
  expect(shop.deadlines[0]).toBeGreaterThan(50);
  expect(shop.deadlines[0]).toBeLessThanOrEqual(201);
  const { exchanges, seconds } = gateway.takeTraffic();
  expect(exchanges.end.map((end) => EXCHANGE_ENDS[end])).toEqual(["given_up"]);
  expect(seconds.givenUp.reduce((sum, each) => sum + each, 0)).toBe(1);
});

test("a call that its client gives up while it is held never goes on", async () => {
  const { shop, gateway, client } = await standing([{ delayMs: 400 }]);
  const one = client();
  expect((await one.get(ASKED, { deadlineMs: 100 })).code).toBe(status.DEADLINE_EXCEEDED);
  await sleep(500);
  expect(shop.seen.get).toBe(0);
  gateway.setRules([]);
  expect((await one.get(ASKED)).code).toBe(0);
});

test("an answer is cut off within its first message, or after some", async () => {
  const { gateway, shop, client } = await standing([{ cutAfter: 0, first: 1 }]);
  const one = client();
  expect(await one.get(Buffer.alloc(5_000))).toMatchObject({ code: status.INTERNAL, messages: [] });
  expect((await one.get(ASKED)).code).toBe(0);
  gateway.setRules([{ cutAfter: 3, method: "*/Watch" }]);
  const cut = await one.watch(10, 20_000);
  expect(cut.code).toBe(status.INTERNAL);
  expect(cut.messages).toHaveLength(3);
  // A stream of three has no message that could be cut: it loses its end.
  expect(await one.watch(3, 100)).toMatchObject({ code: status.INTERNAL });
  expect((await one.watch(2, 100)).code).toBe(0);
  await expect.poll(() => shop.cancelled).toBeGreaterThan(0);
  // The window of the connection has lost nothing: more than it holds crosses.
  expect((await one.get(Buffer.alloc(300_000))).code).toBe(0);
  expect(tallyOf(gateway)).toMatchObject({ matched: 3, chosen: 3, acted: 2 });
});

test("many cut and refused calls with large messages leave the windows as they were", async () => {
  const { gateway, client } = await standing([
    { cutAfter: 1, every: 2, method: "*/Watch" },
    { status: "UNAVAILABLE", every: 2, method: "*/Add" },
  ]);
  const one = client({ "grpc-node.flow_control_window": 65_535 });
  for (let round = 0; round < 15; round++) {
    await Promise.all([one.watch(4, 60_000), one.add([Buffer.alloc(60_000), Buffer.alloc(60_000)])]);
  }
  gateway.setRules([]);
  const [watched, added] = await Promise.all([one.watch(10, 100_000), one.add([Buffer.alloc(1_000_000)])]);
  expect([watched.code, added.code]).toEqual([0, 0]);
  expect(watched.messages).toHaveLength(10);
});

test("a client that reads slowly stops the server, and nothing is gathered in between", async () => {
  const { client } = await standing();
  const one = client({ "grpc-node.flow_control_window": 65_535 });
  const stream = one.watching(2_000, 50_000);
  stream.on("error", () => {});
  await new Promise<void>((resolve) => stream.once("data", () => resolve()));
  stream.pause();
  const before = process.memoryUsage();
  await sleep(500);
  const after = process.memoryUsage();
  // 100 MB are on their way.
  expect(after.arrayBuffers + after.external - before.arrayBuffers - before.external).toBeLessThan(30e6);
  // Others on the same connection go on.
  expect((await one.get(ASKED)).code).toBe(0);
  stream.cancel();
});

test("a server that goes away takes no more calls of its connection, and loses none", async () => {
  const { shop, gateway, client } = await standing([{ delayMs: 100, every: 5 }]);
  const one = client();
  const all = Array.from({ length: 50 }, () => one.get(ASKED));
  await sleep(20);
  shop.goAway();
  const answers = await Promise.all(all);
  const served = count(answers, 0);
  expect(served).toBe(shop.seen.get);
  // Those that it has not seen may be tried again: grpc-js says so, or does so itself.
  expect(served + count(answers, status.UNAVAILABLE)).toBe(50);
  expect(gateway.counters.open).toBeLessThanOrEqual(1);
});
