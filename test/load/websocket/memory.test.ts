import { createHash } from "node:crypto";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { OpeningHandshake } from "../../../src/load/websocket/connection/handshake.js";
import { GrowingBytes } from "../../../src/load/websocket-frames/growing-bytes.js";
import { SWITCHING } from "../../helpers/websocket-server.js";

const ENDPOINT = {
  path: "/",
  headers: [],
  ownCookie: "",
  cookie: "",
  keepsCookies: false,
  subprotocols: [],
  login: null,
};

test("places that wait keep next to nothing of the messages that they had", async () => {
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  collect();
  const before = process.memoryUsage().arrayBuffers;
  const piece = Buffer.alloc(60_000);
  const places = Array.from({ length: 200 }, () => new GrowingBytes());
  for (const place of places) {
    place.add(piece, 0, piece.length);
    place.take();
  }
  // With what they had it would be 12 MB. What was collected is swept a little later.
  const held = () => {
    collect();
    return process.memoryUsage().arrayBuffers - before;
  };
  await expect.poll(held, { timeout: 10_000 }).toBeLessThan(2_000_000);
  expect(places.every(({ length }) => length === 0)).toBe(true);
});

test("an answer to the handshake comes in pieces of one byte, behind others of 1xx, and frames behind it stay", () => {
  const handshake = new OpeningHandshake(ENDPOINT);
  const key = /Sec-WebSocket-Key: (\S+)/.exec(handshake.request.toString())?.[1];
  const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
  const text = `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n${SWITCHING}Sec-WebSocket-Accept: ${accept}\r\n\r\n`;
  for (const byte of Buffer.from(text.slice(0, -1))) expect(handshake.read(Buffer.of(byte))).toBeNull();
  const result = handshake.read(Buffer.from("\nframes"));
  expect(result).toMatchObject({ kind: "open", rest: Buffer.from("frames") });
});

test("a head of many bytes, each in a piece of its own, costs time in proportion to them", () => {
  const handshake = new OpeningHandshake(ENDPOINT);
  const head = Buffer.from(`HTTP/1.1 101 Switching\r\nX: ${"x".repeat(80_000)}`);
  const before = process.cpuUsage();
  let results = 0;
  for (let at = 0; at < head.length; at += 1) {
    if (handshake.read(head.subarray(at, at + 1)) !== null) results += 1;
  }
  expect(results).toBe(0);
  const { user } = process.cpuUsage(before);
  // Where each piece looks at all that came before it, it is 3 GB. A busy machine takes no more CPU time for it.
  expect(user / 1000).toBeLessThan(1_000);
  handshake.drop();
});
