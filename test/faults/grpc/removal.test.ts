/** Nothing of a fault is left on open connections once its rules are gone, and what rules did is counted by what they did. */
import { afterEach, expect, test } from "vitest";
import { openGrpcGateway } from "../../../src/faults/grpc/gateway/gateway.js";
import { EXCHANGE_ENDS } from "../../../src/faults/http-traffic.js";
import type { GrpcRule } from "../../../src/faults/kinds/grpc/grpc-rule.js";
import { errorCode, FRAME } from "../../../src/http2/frames/frame-types.js";
import { sleep } from "../../../src/support/clock.js";
import { GatewayLine } from "../../helpers/gateway-line.js";
import { frameBytes, numbers } from "../../helpers/hostile-http2-server.js";
import {
  answerHead,
  answerOf,
  dataFrame,
  gotFromClient,
  gotFromServer,
  message,
  PREFACE,
  settings,
  wholeCall,
} from "../../helpers/raw-calls.js";

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0).reverse()) end();
});

const LONG_MS = 30_000;

/** A client that has sent one call under these rules. */
async function called(rules: readonly GrpcRule[]) {
  const line = await GatewayLine.of(openGrpcGateway, () => {});
  ends.push(() => line.close());
  const { gateway } = line;
  gateway.setRules(rules);
  const client = await line.client();
  const server = await line.next();
  server.socket.write(settings());
  client.socket.write(Buffer.concat([PREFACE, settings(), wholeCall(1)]));
  await expect.poll(() => gateway.seen.rules[0]?.matched).toBe(1);
  const reached = () => server.until(() => gotFromClient(server, FRAME.data).length === 1, 2_000, "the call");
  const answered = () =>
    client.until(() => gotFromServer(client, FRAME.headers).length > 0, 2_000, "the answer");
  return { gateway, client, server, reached, answered };
}

test.each<GrpcRule>([{ delayMs: LONG_MS }, { delayMs: LONG_MS, status: "UNAVAILABLE" }])(
  "a call that is held goes on once %j is gone",
  async (rule) => {
    const { gateway, server, reached, answered } = await called([rule]);
    await sleep(50);
    expect(gotFromClient(server, FRAME.headers)).toEqual([]);
    const [gone] = gateway.setRules([]);
    expect(gone).toMatchObject({ chosen: 1, acted: rule.status ? 0 : 1 });
    await reached();
    // All of it.
    expect(gotFromClient(server, FRAME.data)[0]?.payload.subarray(5)).toEqual(Buffer.from([1, 7]));
    server.socket.write(answerOf(1, 0));
    await answered();
    const { exchanges } = gateway.takeTraffic();
    expect(exchanges.status).toEqual([0]);
    expect(exchanges.end.map((end) => EXCHANGE_ENDS[end])).toEqual(["answered"]);
  },
);

test("an answer that is held comes once its rule is gone", async () => {
  const { gateway, client, server, reached, answered } = await called([
    { delayMs: LONG_MS, before: "answer" },
  ]);
  await reached();
  server.socket.write(answerOf(1, 0));
  await expect.poll(() => gateway.seen.rules[0]?.acted).toBe(1);
  expect(gotFromServer(client, FRAME.headers)).toEqual([]);
  gateway.setRules([]);
  await answered();
});

test("a stream that began under a rule is not cut after it", async () => {
  const { gateway, client, server, reached } = await called([{ cutAfter: 1 }]);
  await reached();
  const one = message(Buffer.alloc(200, 1));
  server.socket.write(Buffer.concat([answerHead(1, [[":status", "200"]]), dataFrame(1, one)]));
  await client.until(() => gotFromServer(client, FRAME.data).length === 1, 2_000, "a message");
  expect(gateway.setRules([])).toMatchObject([{ chosen: 1, acted: 0 }]);
  server.socket.write(
    Buffer.concat([
      dataFrame(1, one),
      dataFrame(1, one),
      answerHead(1, [["grpc-status", "0"]], { ends: true }),
    ]),
  );
  await client.until(() => gotFromServer(client, FRAME.headers).length === 2, 2_000, "the end");
  expect(gotFromServer(client, FRAME.rstStream)).toEqual([]);
  const bytes = gotFromServer(client, FRAME.data).reduce((sum, { payload }) => sum + payload.length, 0);
  expect(bytes).toBe(3 * one.length);
});

test("rules that stay still hold what they held", async () => {
  const stays: GrpcRule = { delayMs: 400 };
  const { gateway, server, reached } = await called([stays, { delayMs: LONG_MS, before: "request" }]);
  const beganMs = performance.now();
  await sleep(100);
  gateway.setRules([stays]);
  await sleep(100);
  expect(gotFromClient(server, FRAME.headers)).toEqual([]);
  await reached();
  // Timers of the gateway began a little before, and may be late on a busy machine.
  expect(performance.now() - beganMs).toBeGreaterThan(300);
  expect(gateway.seen.rules).toMatchObject([{ matched: 1, acted: 1 }]);
});

test("a rule that delays and cuts has acted once it has cut", async () => {
  const { gateway, client, server, reached, answered } = await called([{ delayMs: 20, cutAfter: 3 }]);
  await reached();
  server.socket.write(
    Buffer.concat([
      answerHead(1, [[":status", "200"]]),
      dataFrame(1, message(Buffer.alloc(10))),
      answerHead(1, [["grpc-status", "0"]], { ends: true }),
    ]),
  );
  await answered();
  await client.until(() => gotFromServer(client, FRAME.headers).length === 2, 2_000, "the end");
  expect(gateway.seen.rules).toMatchObject([{ chosen: 1, acted: 0 }]);
});

test("a rule that delays and answers has acted once somebody got its answer", async () => {
  const { gateway, client, server } = await called([{ delayMs: 200, status: "UNAVAILABLE" }]);
  client.socket.write(frameBytes(FRAME.rstStream, 0, 1, numbers(errorCode("CANCEL"))));
  await sleep(300);
  expect(gateway.seen.rules).toMatchObject([{ chosen: 1, acted: 0 }]);
  client.socket.write(wholeCall(3));
  await client.until(() => gotFromServer(client, FRAME.headers).length === 1, 2_000, "the status");
  expect(gateway.seen.rules).toMatchObject([{ chosen: 2, acted: 1 }]);
  expect(gotFromClient(server, FRAME.headers)).toEqual([]);
});

test("an answer that is held comes in its time although the upstream closes behind it", async () => {
  const { gateway, client, server, reached, answered } = await called([{ delayMs: 300, before: "answer" }]);
  await reached();
  const sentMs = performance.now();
  server.socket.end(answerOf(1, 0));
  await answered();
  expect(performance.now() - sentMs).toBeGreaterThan(280);
  expect(await client.closed(2_000)).toBe("fin");
  client.socket.end();
  await expect.poll(() => gateway.counters.open).toBe(0);
  const { exchanges, routes } = gateway.takeTraffic();
  expect(exchanges.end.map((end) => EXCHANGE_ENDS[end])).toEqual(["answered"]);
  expect(routes).toMatchObject([{ statuses: { OK: 1 }, actedOn: 1 }]);
});

test("a client that gives the held answer up is closed as the upstream was", async () => {
  const { gateway, client, server, reached } = await called([{ delayMs: LONG_MS, before: "answer" }]);
  await reached();
  server.socket.end(answerOf(1, 0));
  await expect.poll(() => gateway.seen.rules[0]?.acted).toBe(1);
  client.socket.write(frameBytes(FRAME.rstStream, 0, 1, numbers(errorCode("CANCEL"))));
  expect(await client.closed(2_000)).toBe("fin");
});
