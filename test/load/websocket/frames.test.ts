import fc from "fast-check";
import { expect, test } from "vitest";
import { FrameReader } from "../../../src/load/websocket-frames/frame-reader.js";
import { clientFrame } from "../../../src/load/websocket-frames/frame-writer.js";
import { serverFrame } from "../../helpers/websocket-server.js";

/** What a reader was told, in its order. */
function readAll(pieces: readonly Buffer[]) {
  const told: unknown[] = [];
  const pings: string[] = [];
  const reader = new FrameReader({
    message: (bytes, isBinary) => told.push([isBinary ? "binary" : "text", bytes.toString("hex")]),
    ping: (payload) => pings.push(payload.toString("hex")),
    close: (code) => told.push(["close", code]),
  });
  let problem: string | null = null;
  for (const piece of pieces) {
    problem ??= reader.read(piece);
    // The next one is read into the same memory.
    piece.fill(0xaa);
  }
  return { told, pings, problem, isWithinMessage: reader.isWithinMessage };
}

/** Cuts bytes at these places. */
function cut(bytes: Buffer, places: readonly number[]): readonly Buffer[] {
  const at = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...at].map((start, index) => Buffer.from(bytes.subarray(start, at[index] ?? bytes.length)));
}

const control = fc.record({
  opcode: fc.constantFrom(9, 10),
  payload: fc.uint8Array({ maxLength: 125 }),
});
const message = fc.record({
  text: fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.constantFrom("x".repeat(125), "x".repeat(126), "x".repeat(65_536)),
  ),
  isBinary: fc.boolean(),
  fragments: fc.array(fc.nat(), { maxLength: 4 }),
  between: fc.array(control, { maxLength: 3 }),
});

test("messages in any number of frames, in pieces of any size, with control frames between them, come whole and in order", () => {
  fc.assert(
    fc.property(
      fc.array(message, { maxLength: 5 }),
      fc.array(fc.nat(), { maxLength: 30 }),
      (messages, places) => {
        const wanted: unknown[] = [];
        const asked: string[] = [];
        const frames = messages.flatMap(({ text, isBinary, fragments, between }) => {
          const parts = cut(Buffer.from(text), fragments);
          const controls = between.map(({ opcode, payload }) => {
            if (opcode === 9) asked.push(Buffer.from(payload).toString("hex"));
            return serverFrame(opcode, Buffer.from(payload));
          });
          wanted.push([isBinary ? "binary" : "text", Buffer.from(text).toString("hex")]);
          const framed = parts.map((part, index) => {
            const isLast = index === parts.length - 1;
            const opcode = index > 0 ? 0 : isBinary ? 2 : 1;
            return serverFrame(opcode, part, (isLast ? 0x80 : 0) | opcode);
          });
          // Before the last frame, so before the message is whole.
          return [...framed.slice(0, -1), ...controls, framed.at(-1)!];
        });
        const { pings, ...read } = readAll(cut(Buffer.concat(frames), places));
        expect(read).toEqual({ told: wanted, problem: null, isWithinMessage: false });
        // Of those that came at once the last one is answered.
        expect(pings.at(-1)).toBe(asked.at(-1));
        expect(pings.filter((ping, index) => asked.indexOf(ping, index) >= 0)).toHaveLength(pings.length);
      },
    ),
    { numRuns: 300 },
  );
});

test("any bytes at all are frames, or break a rule: nothing is thrown, and what comes behind is not read", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.array(fc.nat(), { maxLength: 10 }), (bytes, places) => {
      const { told, problem } = readAll([Buffer.from(bytes)]);
      expect(readAll(cut(Buffer.from(bytes), places))).toMatchObject({ told, problem });
    }),
    { numRuns: 500 },
  );
});

test.each([0, 1, 125, 126, 65_535, 65_536, 70_000])(
  "a frame of %d bytes is masked, and says its length shortly",
  (length) => {
    const payload = Buffer.alloc(length, "ä");
    const frame = clientFrame(1, payload);
    const short = frame[1]! & 0x7f;
    expect(frame[0]).toBe(0x81);
    expect(frame[1]! & 0x80).toBe(0x80);
    const size = length < 126 ? 2 : length < 65_536 ? 4 : 10;
    expect(short).toBe(length < 126 ? length : length < 65_536 ? 126 : 127);
    const mask = frame.subarray(size, size + 4);
    const read = frame.subarray(size + 4).map((byte, index) => byte ^ mask[index % 4]!);
    expect(Buffer.from(read).equals(payload)).toBe(true);
  },
);
