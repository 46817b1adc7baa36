import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Socket } from "node:net";
import autocannon from "autocannon";
import { afterEach, expect, test } from "vitest";
import type {
  AutocannonClient,
  ParserCallbacks,
} from "../../../src/load/http1/connection/autocannon-client.js";
import { type HostileServer, ok, startHostileServer } from "../../helpers/hostile-server.js";

/**
 * The load plane drives autocannon by internals that are not its public API. When one of these tests fails after an
 * update, the load plane's numbers cannot be trusted: read src/load/http1/connection/http-connection.ts against the new
 * lib/httpClient.js before anything else.
 */

let server: HostileServer | null = null;
const made: AutocannonClient[] = [];

afterEach(async () => {
  // What is not ended now, autocannon ends after its 60 s, in the middle of another test.
  for (const client of made.splice(0)) {
    client.conn ??= new Socket();
    client.destroy();
  }
  await server?.down();
  server = null;
});

async function collectClients(connections: number, touch: (client: AutocannonClient) => void) {
  server = await startHostileServer({ onRequest: (socket) => socket.write(ok()) });
  const clients: AutocannonClient[] = [];
  autocannon({
    url: server.url,
    connections,
    duration: 60,
    setupClient: (client) => {
      touch(client);
      clients.push(client);
      made.push(client);
    },
  });
  return clients;
}

test("the installed and the declared version are the one that was studied", () => {
  const installed: unknown = createRequire(import.meta.url)("autocannon/package.json");
  const declared: unknown = JSON.parse(
    readFileSync(new URL("../../../package.json", import.meta.url), "utf8"),
  );
  expect(installed).toMatchObject({ version: "9.0.0" });
  expect(declared).toMatchObject({ dependencies: { autocannon: "9.0.0" } });
});

test("setupClient gets each client, all before autocannon() returns, and before any has a socket", async () => {
  let withSocket = 0;
  const clients = await collectClients(3, (client) => {
    if (client.conn !== undefined) withSocket++;
    client._connect = () => {};
  });
  expect(clients).toHaveLength(3);
  expect(withSocket).toBe(0);
  for (const client of clients) client.timeoutTicker.clear();
});

test("_connect is called once after setupClient, with the parser's callbacks and the timer in place", async () => {
  const calls: { readonly callbacks: boolean; readonly ticker: boolean }[] = [];
  const clients = await collectClients(1, (client) => {
    client._connect = () => {
      const numbers = client.parser.constructor as unknown as ParserCallbacks;
      calls.push({
        callbacks: [numbers.kOnHeadersComplete, numbers.kOnBody, numbers.kOnMessageComplete].every((number) =>
          Object.hasOwn(client.parser, number),
        ),
        ticker: typeof client.timeoutTicker.clear === "function",
      });
    };
  });
  expect(calls).toEqual([{ callbacks: true, ticker: true }]);
  expect(clients[0]?.parser.constructor).toHaveProperty("encoding", "ascii");
  expect(clients[0]?.parser.constructor).toHaveProperty("maxHeaderSize", 80 * 1024);
  expect(clients[0]?.parser.type).toBe("RESPONSE");
  clients[0]?.timeoutTicker.clear();
});

test("_connect opens a socket, asks for the first request, and comes again when the connection ends", async () => {
  let connects = 0;
  let requests = 0;
  const bytes: number[] = [];
  const [client] = await collectClients(1, (fresh) => {
    const open = fresh._connect;
    fresh._doRequest = () => {
      requests++;
    };
    fresh._connect = () => {
      connects++;
      if (connects === 1) open.call(fresh);
    };
  });
  if (!client) throw new Error("no client");
  client.timeoutTicker.clear();
  expect(connects).toBe(1);
  expect(requests).toBe(1);
  // Chunks are counted by pipelinedRequests before parser.execute gets them.
  const parsed: Buffer[] = [];
  client.pipelinedRequests = { addByteCount: (count) => bytes.push(count), clear: () => {} };
  client.parser.execute = (chunk) => {
    parsed.push(chunk);
    return chunk.length;
  };
  client.conn.write(
    client.requestIterator.requestBuilder({ method: "GET", path: "/x", headers: { "x-a": "b" } }, {}),
  );
  await expect.poll(() => parsed.length).toBe(1);
  expect(bytes).toEqual([parsed[0]?.length]);
  await server?.down();
  await expect.poll(() => connects).toBeGreaterThanOrEqual(2);
});

test("options in the place of the port reach net.connect, of each client alone, and Host keeps the port", async () => {
  const buffer = Buffer.alloc(1024);
  const read: string[] = [];
  const untouched: unknown[] = [];
  const clients = await collectClients(2, (fresh) => {
    fresh._doRequest = () => {};
    if (read.length === 0 && untouched.length === 0) {
      const onread = {
        buffer,
        callback: (length: number) => read.push(buffer.toString("latin1", 0, length)),
      };
      fresh.opts.port = { port: fresh.opts.port, host: fresh.opts.hostname, onread };
    }
    untouched.push(fresh.opts.port);
  });
  for (const client of clients) client.timeoutTicker.clear();
  expect(String(untouched[1])).toBe(String(server?.port));
  const [client] = clients;
  const request = client?.requestIterator.requestBuilder({ method: "GET", path: "/", headers: {} }, {});
  expect(request?.toString()).toContain(`Host: 127.0.0.1:${server?.port}\r\n`);
  client?.conn.write(request ?? "");
  await expect.poll(() => read.join("")).toBe(ok());
  for (const { conn } of clients) conn.destroy();
});

test("an error is told as connError before _connect comes again; _destroyConnection silences the socket", async () => {
  const order: string[] = [];
  const [client] = await collectClients(1, (fresh) => {
    const open = fresh._connect;
    fresh._doRequest = () => {};
    fresh._connect = () => {
      order.push("_connect");
      if (order.length === 1) open.call(fresh);
    };
    fresh.on("connError", () => order.push("connError"));
  });
  if (!client) throw new Error("no client");
  client.timeoutTicker.clear();
  client.conn.emit("error", new Error("made up"));
  expect(order).toEqual(["_connect", "connError", "_connect"]);
  client._destroyConnection();
  client.conn.emit("error", new Error("made up"));
  client.conn.emit("end");
  expect(order).toHaveLength(3);
  expect(client.conn.destroyed).toBe(true);
});

test("the request builder writes the request line, Host, the keep-alive line and the headers, in this order", async () => {
  const [client] = await collectClients(1, (fresh) => {
    fresh._connect = () => {};
  });
  client?.timeoutTicker.clear();
  const built = client?.requestIterator.requestBuilder(
    { method: "POST", path: "/orders?x=1", headers: { "x-a": "b" } },
    {},
  );
  expect(built?.toString()).toBe(
    `POST /orders?x=1 HTTP/1.1\r\nHost: 127.0.0.1:${server?.port}\r\nConnection: keep-alive\r\nx-a: b\r\n\r\n`,
  );
});

test("the parser returns errors, keeps its place, and ends 1xx answers like others", async () => {
  const [client] = await collectClients(1, (fresh) => {
    fresh._connect = () => {};
  });
  if (!client) throw new Error("no client");
  client.timeoutTicker.clear();
  const { parser } = client;
  const numbers = parser.constructor as unknown as ParserCallbacks;
  const events: string[] = [];
  parser[numbers.kOnHeadersComplete] = (head: { statusCode: number; shouldKeepAlive: boolean }) => {
    events.push(`head ${head.statusCode} ${head.shouldKeepAlive} ${parser.body_bytes}`);
    return head.statusCode === 304;
  };
  parser[numbers.kOnBody] = (chunk: Buffer, start: number, length: number) =>
    events.push(`body ${chunk.subarray(start, start + length)}`);
  parser[numbers.kOnMessageComplete] = () => events.push(`complete, ${parser.end - parser.offset} left`);
  expect(parser.execute(Buffer.from("HTTP/1.1 100 Continue\r\n\r\n"))).toBe(25);
  parser.execute(
    Buffer.from("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 304 X\r\nContent-Length: 9\r\n\r\n"),
  );
  expect(events).toEqual([
    "head 100 true 0",
    expect.stringMatching(/^complete/),
    "head 200 true 2",
    "body hi",
    "complete, 37 left",
    "head 304 true 9",
    "complete, 0 left",
  ]);
  expect(parser.execute(Buffer.from("not HTTP\r\n"))).toBeInstanceOf(Error);
  parser.initialize(parser.type);
  events.length = 0;
  parser.execute(Buffer.from("HTTP/1.0 200 OK\r\n\r\nuntil the end"));
  parser.finish();
  expect(events).toEqual(["head 200 false null", "body until the end", "complete, 0 left"]);
});
