import type { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import type { SegmentMeasurement } from "../../../src/measure/segment-accumulator.js";
import type { LoadModel, LoadPlan } from "../../../src/plan/load-plan.js";
import { sleep } from "../../../src/support/clock.js";
import { type HostileServer, ok, startHostileServer } from "../../helpers/hostile-server.js";
import { everyConnectionIsKnown } from "../../helpers/known-connections.js";
import {
  closedModel,
  loadPlan,
  openModel,
  request,
  runLoad,
  type Totals,
  totals,
} from "../../helpers/load-plans.js";

/** Several requests on a connection at once: which answer is whose, and what becomes of those behind a bad one. */

const PIPELINING = 4;
const BEHIND = "closed because of an earlier request on the connection";

const CLOSING = ok().replace("\r\n", "\r\nConnection: close\r\n");

interface Seen {
  readonly server: HostileServer;
  readonly counts: Totals;
  readonly measured: SegmentMeasurement;
  /** The most requests that were under way on one connection, as the target saw it. */
  readonly mostAtOnce: number;
}

/** Runs for about a second and checks what always holds. `answer` is called for each request with its path. */
async function run(
  model: LoadModel,
  answer: (socket: Socket, path: string, onSocket: number, answered: () => void) => void,
  changes: Partial<LoadPlan> = {},
  isSeen = true,
): Promise<Seen> {
  const underWay = new Map<Socket, number>();
  let mostAtOnce = 0;
  const server = await startHostileServer({
    onRequest: (socket, _, onSocket, path) => {
      const count = (underWay.get(socket) ?? 0) + 1;
      underWay.set(socket, count);
      mostAtOnce = Math.max(mostAtOnce, count);
      answer(socket, path, onSocket, () => underWay.set(socket, (underWay.get(socket) ?? 1) - 1));
    },
  });
  try {
    const plan = loadPlan(server.url, model, { pipelining: PIPELINING, ...changes });
    const measured = await runLoad(plan, 1000);
    const counts = totals(measured.all);
    const { scheduled, ...outcomes } = counts;
    expect(scheduled).toBeGreaterThan(10);
    expect(Object.values(outcomes).reduce((sum, count) => sum + count, 0)).toBe(scheduled);
    if (isSeen) expect(server.requests).toBe(scheduled - counts.unsent);
    await everyConnectionIsKnown(server, measured);
    await sleep(100);
    expect(server.openSockets).toBe(0);
    return { server, counts, measured, mostAtOnce };
  } finally {
    await server.down();
  }
}

const MODELS: readonly [string, LoadModel][] = [
  ["open", openModel(200, 2)],
  ["closed", closedModel(2)],
];

/** Answers 30 ms later, in the order in which requests came. */
function slowly(socket: Socket, _path: string, _onSocket: number, answered: () => void): void {
  setTimeout(() => {
    answered();
    if (socket.writable) socket.write(ok());
  }, 30);
}

describe.each(MODELS)("%s model", (_, model) => {
  test("without pipelining no request leaves before the answer to the one before it", async () => {
    const { mostAtOnce, counts } = await run(model, slowly, { pipelining: 1 });
    expect(mostAtOnce).toBe(1);
    expect(counts.ok + counts.unsent).toBe(counts.scheduled);
  });

  test("with pipelining as many are on a connection at once as it says, and never more", async () => {
    const { mostAtOnce, counts, server } = await run(model, slowly);
    expect(mostAtOnce).toBe(PIPELINING);
    expect(server.connections).toBe(2);
    expect(counts.ok).toBe(counts.scheduled);
  });

  test("each answer is that of its own request, however the bytes come", async () => {
    const unwritten = new Map<Socket, string>();
    let pieces = 0;
    const requests = ["a", "b", "c"].map((name) =>
      request({
        name,
        path: `/${name}`,
        method: name === "c" ? "HEAD" : "GET",
        expect: {
          status: [200],
          headers: { "x-name": name },
          body: name === "c" ? null : name.repeat(9),
          json: {},
        },
      }),
    );
    const { counts, measured } = await run(
      model,
      (socket, path) => {
        const name = path.slice(1);
        const head = `HTTP/1.1 200 OK\r\nX-Name: ${name}\r\n`;
        const answers: Readonly<Record<string, string>> = {
          a: `${head}Content-Length: 9\r\n\r\naaaaaaaaa`,
          b: `${head}Transfer-Encoding: chunked\r\n\r\n4\r\nbbbb\r\n5\r\nbbbbb\r\n0\r\n\r\n`,
          // The length is that of the body that a GET would get.
          c: `HTTP/1.1 103 Early Hints\r\n\r\n${head}Content-Length: 9\r\n\r\n`,
        };
        const before = unwritten.get(socket) ?? "";
        unwritten.set(socket, before + answers[name]);
        const writeSome = () => {
          const text = unwritten.get(socket) ?? "";
          // Pieces of 1 to 230 bytes, so that some hold several answers and others a few bytes.
          const cut = 1 + ((pieces++ * 37) % 230);
          unwritten.set(socket, text.slice(cut));
          if (socket.writable) socket.write(text.slice(0, cut));
          if (text.length > cut) setTimeout(writeSome, 1);
        };
        if (before === "") setTimeout(writeSome, 1);
      },
      { mix: { kind: "requests", requests } },
    );
    expect(measured.reasons).toEqual({});
    expect(counts.ok).toBe(counts.scheduled);
  });

  test("what is behind a connection's last answer is a reset, and nothing is sent twice", async () => {
    const { counts, server, measured } = await run(model, (socket, _path, onSocket) => {
      // The third answer is the last one; a fourth request is never answered.
      const close = () => socket.writable && socket.end(`${ok()}${ok()}${CLOSING}`);
      if (onSocket === PIPELINING) close();
      // At the end of the run there may be too few.
      if (onSocket === 1) setTimeout(close, 500);
    });
    expect(counts.ok + counts.reset).toBe(counts.scheduled);
    expect(counts.reset).toBeGreaterThan(0);
    expect(counts.ok).toBeGreaterThanOrEqual((server.connections - 2) * 3);
    expect(Object.keys(measured.reasons)).toEqual([BEHIND]);
  });

  test("the one that is not answered in time is a timeout, and those behind it are lost with the connection", async () => {
    const { counts, server, measured } = await run(model, () => {}, { timeoutMs: 300 });
    expect(counts.timeout + counts.reset + counts.unsent).toBe(counts.scheduled);
    expect(counts.timeout).toBeGreaterThanOrEqual(server.connections);
    expect(measured.reasons[BEHIND] ?? 0).toBe(counts.reset);
  });

  test("bytes that are no answer end the one that is next, and those behind it", async () => {
    const { counts, server, measured } = await run(model, (socket, _path, onSocket) => {
      if (onSocket === 1) setTimeout(() => socket.writable && socket.write(`${ok()}nonsense\r\n\r\n`), 30);
    });
    expect(counts.ok).toBe(server.connections);
    expect(counts.http_error).toBeGreaterThan(0);
    expect(counts.ok + counts.http_error + counts.reset).toBe(counts.scheduled);
    for (const reason of Object.keys(measured.reasons))
      expect(["malformed answer", BEHIND]).toContain(reason);
  });

  test("a reset ends every request of the connection", async () => {
    const reset = (socket: Socket, _path: string, onSocket: number) => {
      if (onSocket === 1) setTimeout(() => socket.resetAndDestroy(), 30);
    };
    // What is on its way to a socket that is reset is never seen.
    const { counts, server } = await run(model, reset, {}, false);
    expect(counts.reset).toBe(counts.scheduled);
    expect(server.connections).toBeLessThan(counts.scheduled);
  });
});

test("a target that refuses is asked no more often by several users of one connection", async () => {
  const server = await startHostileServer({ onRequest: () => {} });
  await server.down();
  const measured = await runLoad(loadPlan(server.url, closedModel(1), { pipelining: PIPELINING }), 1000);
  const counts = totals(measured.all);
  expect(counts.refused).toBe(counts.scheduled);
  // Each user pauses for 100 ms.
  expect(counts.scheduled).toBeLessThanOrEqual(PIPELINING * 11);
});
