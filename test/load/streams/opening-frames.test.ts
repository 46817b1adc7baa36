import { expect, test } from "vitest";
import { FLAG, FRAME, FRAME_HEAD_BYTES } from "../../../src/http2/frames/frame-types.js";
import { sendHead, sendPreface } from "../../../src/load/streams/connection/opening-frames.js";
import { FrameOutput } from "../../../src/load/streams/frames/frame-output.js";

/** What `send` writes. */
function bytesOf(send: (output: FrameOutput) => void): Buffer {
  const written: Buffer[] = [];
  const output = new FrameOutput((bytes) => written.push(bytes));
  send(output);
  output.flush();
  return Buffer.concat(written);
}

function framesIn(bytes: Buffer) {
  const frames = [];
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUIntBE(at, 3);
    const [type, flags] = [bytes[at + 3], bytes[at + 4]];
    const from = at + FRAME_HEAD_BYTES;
    frames.push({
      type,
      flags,
      id: bytes.readUInt32BE(at + 5),
      payload: bytes.subarray(from, from + length),
    });
    at = from + length;
  }
  return frames;
}

test("a connection begins with the preface and its settings, before all else", () => {
  const bytes = bytesOf(sendPreface);
  const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  expect(bytes.subarray(0, preface.length).toString("latin1")).toBe(preface);
  const [settings, window] = framesIn(bytes.subarray(preface.length));
  expect(settings).toMatchObject({ type: FRAME.settings, flags: 0, id: 0 });
  expect(settings?.payload.length).toBe(3 * 6);
  expect(window).toMatchObject({ type: FRAME.windowUpdate, id: 0 });
});

test("the first head of a connection says that no table is kept, and those after it do not", () => {
  const head = Buffer.from([0x82, 0x84]);
  const [first] = framesIn(bytesOf((output) => sendHead(output, 1, head, true, 16_384)));
  expect(first).toEqual({
    type: FRAME.headers,
    flags: FLAG.endStream | FLAG.endHeaders,
    id: 1,
    payload: Buffer.from([0x20, 0x82, 0x84]),
  });
  const [second] = framesIn(bytesOf((output) => sendHead(output, 3, head, false, 16_384)));
  expect(second).toEqual({ type: FRAME.headers, flags: FLAG.endHeaders, id: 3, payload: head });
});

test("a head that is longer than a frame goes on in others, and the last of them says so", () => {
  const head = Buffer.from(Array.from({ length: 25 }, (_, at) => at));
  const frames = framesIn(bytesOf((output) => sendHead(output, 3, head, true, 10)));
  expect(frames.map(({ type, flags, payload }) => [type, flags, payload.length])).toEqual([
    [FRAME.headers, FLAG.endStream, 10],
    [FRAME.continuation, 0, 10],
    [FRAME.continuation, FLAG.endHeaders, 5],
  ]);
  expect(Buffer.concat(frames.map(({ payload }) => payload))).toEqual(head);
  const exact = framesIn(bytesOf((output) => sendHead(output, 3, head.subarray(0, 20), false, 10)));
  expect(exact.map(({ flags }) => flags)).toEqual([0, FLAG.endHeaders]);
});
