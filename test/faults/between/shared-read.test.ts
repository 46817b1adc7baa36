import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { connectReading, takeOver } from "../../../src/faults/between/shared-read.js";

test("an accepted socket gives its connection over to one that reads into the shared buffer", async () => {
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const bound = server.address();
  const port = typeof bound === "object" && bound ? bound.port : 0;
  const client = connect(port, "127.0.0.1");
  const [accepted] = (await once(server, "connection")) as [Socket];
  const pieces: Buffer[] = [];
  const socket = takeOver(accepted, (bytes) => pieces.push(bytes));
  // Where Node no longer lets this be done, the ordinary and slower way is taken: this test says so.
  expect(socket).not.toBe(accepted);
  for (const text of ["first", "second"]) {
    client.write(text);
    for (let i = 0; i < 100 && pieces.at(-1)?.toString() !== text; i++)
      await new Promise((r) => setTimeout(r, 10));
  }
  // The buffer is used again and again: what was read must not be.
  expect(pieces.map(String)).toEqual(["first", "second"]);
  client.end();
  await once(socket, "end");
  socket.end("answer after the end");
  expect(String((await once(client, "data"))[0])).toBe("answer after the end");
  await once(server.close(), "close");
});

test("two connections that read in turns do not see each other's bytes", async () => {
  const server = createServer((socket) => socket.on("data", (bytes) => socket.end(bytes)));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const bound = server.address();
  const port = typeof bound === "object" && bound ? bound.port : 0;
  const answers = await Promise.all(
    Array.from({ length: 50 }, async (_, i) => {
      const parts: Buffer[] = [];
      const socket = connectReading({ port, host: "127.0.0.1" }, (bytes) => parts.push(bytes));
      socket.write(String(i).repeat(1000));
      await once(socket, "close");
      return Buffer.concat(parts).toString();
    }),
  );
  expect(answers).toEqual(Array.from({ length: 50 }, (_, i) => String(i).repeat(1000)));
  server.close();
});

test("a stream without a handle is read in the ordinary way", async () => {
  // As a socket would look if Node hid its handle.
  const accepted = new PassThrough() as unknown as Socket;
  const pieces: string[] = [];
  expect(takeOver(accepted, (bytes) => pieces.push(String(bytes)))).toBe(accepted);
  accepted.write("hello");
  await new Promise((resolve) => setImmediate(resolve));
  expect(pieces).toEqual(["hello"]);
});
