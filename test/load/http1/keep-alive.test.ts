import type { Socket } from "node:net";
import autocannon from "autocannon";
import { afterEach, describe, expect, test } from "vitest";
import type { ChannelOwner } from "../../../src/load/channel.js";
import { HeadMemo } from "../../../src/load/http1/connection/head-memo.js";
import { HttpConnection } from "../../../src/load/http1/connection/http-connection.js";
import { reusableForMs } from "../../../src/load/http1/connection/keep-alive.js";
import type { SendableRequest } from "../../../src/load/http1/requests/sendable-request.js";
import type { Ticket } from "../../../src/load/mix/ticket.js";
import { newScope } from "../../../src/load/mix/values.js";
import { RoundTrip } from "../../../src/load/sockets/round-trip.js";
import { nowUs } from "../../../src/load/thread-clock.js";
import type { LoadModel } from "../../../src/plan/load-plan.js";
import { sleep } from "../../../src/support/clock.js";
import { type HostileServer, ok, startHostileServer } from "../../helpers/hostile-server.js";
import { closedModel, loadPlan, openModel, runLoad, totals } from "../../helpers/load-plans.js";

const servers: HostileServer[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.down();
});

async function serverThat(onRequest: (socket: Socket, nth: number) => void): Promise<HostileServer> {
  const server = await startHostileServer({ onRequest });
  servers.push(server);
  return server;
}

const announcing = (keepAlive: string) => ok().replace("\r\n", `\r\nKeep-Alive: ${keepAlive}\r\n`);

test.each([
  [["Keep-Alive", "timeout=5"], 4_000],
  [["Date", "x", "keep-alive", "max=100, timeout=60"], 59_000],
  [["KEEP-ALIVE", 'Timeout = "2"'], 1_000],
  [["Keep-Alive", "timeout=1"], 500],
  [["Keep-Alive", "timeout=0"], 0],
  [["Keep-Alive", "max=5"], Number.POSITIVE_INFINITY],
  [["Keep-Alive", "mytimeout=5"], Number.POSITIVE_INFINITY],
  [["Connection", "keep-alive"], Number.POSITIVE_INFINITY],
  [[], Number.POSITIVE_INFINITY],
])("headers %j let a connection be used again for %d ms", (headers, ms) => {
  expect(reusableForMs(headers)).toBe(ms);
});

/**
 * Each connection is idle for some 700 ms between two requests. In the open model an answer that comes late makes that
 * less: there the announced time has to be one that any idle time is too long for.
 */
const SELDOM: readonly (readonly [string, LoadModel, string])[] = [
  ["closed model", closedModel(2, 700), "timeout=1"],
  ["open model", openModel(1.4, 2), "timeout=0"],
];

describe.each(SELDOM)("%s", (_, model, announced) => {
  test("a connection that the service may be about to close is opened anew", async () => {
    const server = await serverThat((socket) => socket.write(announcing(announced)));
    const { all } = await runLoad(loadPlan(server.url, model), 2_400);
    expect(totals(all).ok).toBe(totals(all).scheduled);
    expect(server.requests).toBeGreaterThanOrEqual(3);
    expect(server.connections).toBe(server.requests);
  });

  test.each([
    ["has time left", announcing("timeout=60")],
    ["was not said to end", ok()],
  ])("one that %s is kept", async (__, answer) => {
    const server = await serverThat((socket) => socket.write(answer));
    await runLoad(loadPlan(server.url, model), 2_400);
    expect(server.requests).toBeGreaterThanOrEqual(3);
    expect(server.connections).toBeLessThanOrEqual(2);
  });
});

test("a busy connection is kept, whatever is announced, and by answers that are known already, too", async () => {
  const server = await serverThat((socket) => socket.write(announcing("timeout=1")));
  await runLoad(loadPlan(server.url, closedModel(2, 10)), 1_500);
  expect(server.requests).toBeGreaterThan(20);
  // Only where this machine stood still for half a second is one opened anew.
  expect(server.connections).toBeLessThan(server.requests / 3);
});

describe("an end without an answer", () => {
  /** One connection and what becomes of its requests; in this process, so that the order of things is known. */
  async function line(onRequest: (socket: Socket, nth: number) => void) {
    const sockets: Socket[] = [];
    const server = await serverThat((socket, nth) => {
      sockets.push(socket);
      onRequest(socket, nth);
    });
    const ends: string[] = [];
    const hooks = { answered: () => {} };
    const owner: ChannelOwner = {
      answered: () => {
        ends.push("answered");
        hooks.answered();
      },
      failed: (_, __, { reason }) => ends.push(reason),
      lost: () => ends.push("lost"),
      opened() {},
      sent() {},
      sentAgain() {},
      received() {},
      get turnStartUs() {
        return nowUs();
      },
    };
    const settings = { verifyTls: true, keepAlive: true, pipelining: 1, roundTrip: new RoundTrip() };
    let made: HttpConnection | null = null;
    autocannon({
      url: server.url,
      connections: 1,
      duration: 60,
      setupClient: (client) => {
        made = new HttpConnection(client, 0, owner, settings);
      },
    });
    if (made === null) throw new Error("no connection was made");
    const connection: HttpConnection = made;
    const check = { statusOk: () => true, statusReason: () => "" };
    const bytesFor = () => Buffer.from("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    const request = { isHead: false, wantsBody: false, head: new HeadMemo(), check, bytesFor };
    // All of a ticket that a connection looks at.
    const ticket = { request, user: { scope: newScope() } } as unknown as Ticket<SendableRequest>;
    const send = () => connection.send(ticket);
    const ended = (count: number) => expect.poll(() => ends.length, { timeout: 10_000 }).toBe(count);
    return { ends, hooks, send, ended, sockets, close: () => connection.close() };
  }

  test("that was under way before the request, on a connection that was idle, is told from a reset", async () => {
    const { ends, send, ended, sockets, close } = await line((socket) => socket.write(ok()));
    send();
    await ended(1);
    await sleep(150);
    sockets[0]?.destroy();
    send();
    await ended(2);
    expect(ends).toEqual(["answered", "closed idle"]);
    send();
    await ended(3);
    expect(ends.at(-1)).toBe("answered");
    close();
  });

  test("that came once the service had the request is none of an idle connection", async () => {
    const { ends, send, ended, close } = await line((socket, nth) => {
      if (nth === 1) socket.write(ok());
      else setTimeout(() => socket.destroy(), 100);
    });
    send();
    await ended(1);
    await sleep(150);
    send();
    await ended(2);
    expect(ends).toEqual(["answered", "closed without answer"]);
    close();
  });

  test("on a connection that was busy until then is none of an idle one", async () => {
    const { ends, hooks, send, ended, sockets, close } = await line((socket) => socket.write(ok()));
    hooks.answered = () => {
      sockets[0]?.destroy();
      send();
    };
    send();
    await ended(2);
    expect(ends.at(-1)).toMatch(/closed without answer|ECONNRESET|EPIPE/);
    close();
  });
});
