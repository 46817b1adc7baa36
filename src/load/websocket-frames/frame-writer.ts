import { randomFillSync } from "node:crypto";
import { OPCODE } from "./opcodes.js";

/** Masks are drawn many at a time. */
const masks = Buffer.alloc(4096);
let nextMask = masks.length;

/** A whole frame of a client, which is masked: RFC 6455, 5.3. */
export function clientFrame(opcode: number, payload: Buffer): Buffer {
  const { length } = payload;
  const lengthBytes = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const start = 2 + lengthBytes + 4;
  const frame = Buffer.allocUnsafe(start + length);
  frame[0] = 0x80 | opcode;
  frame[1] = 0x80 | (lengthBytes === 0 ? length : lengthBytes === 2 ? 126 : 127);
  if (lengthBytes === 2) frame.writeUInt16BE(length, 2);
  else if (lengthBytes === 8) frame.writeBigUInt64BE(BigInt(length), 2);
  if (nextMask === masks.length) {
    randomFillSync(masks);
    nextMask = 0;
  }
  masks.copy(frame, start - 4, nextMask, nextMask + 4);
  nextMask += 4;
  for (let i = 0; i < length; i++) frame[start + i] = payload[i]! ^ frame[start - 4 + (i & 3)]!;
  return frame;
}

/** `code` null: it says none. */
export function closeFrame(code: number | null): Buffer {
  if (code === null) return clientFrame(OPCODE.close, Buffer.alloc(0));
  const payload = Buffer.alloc(2);
  payload.writeUInt16BE(code);
  return clientFrame(OPCODE.close, payload);
}
