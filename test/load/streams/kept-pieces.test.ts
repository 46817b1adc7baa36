import { expect, test } from "vitest";
import { KeptPieces } from "../../../src/load/streams/requests/kept-pieces.js";

test("pieces of one byte end in few buffers, in their order", () => {
  const whole = Buffer.from(Array.from({ length: 100_000 }, (_, i) => i % 251));
  const pieces = new KeptPieces();
  for (let at = 0; at < whole.length; at++) pieces.add(whole.subarray(at, at + 1));
  expect(pieces.all.length).toBeLessThan(1_000);
  expect(Buffer.concat(pieces.all).equals(whole)).toBe(true);
});
