import { expect, test } from "vitest";
import { KeptBody } from "../../../src/load/http1/connection/kept-body.js";

const MIB = 1024 ** 2;

test("a whole body is kept in copies: what it was read into is read into again", () => {
  const body = new KeptBody();
  body.begin(0);
  const chunk = Buffer.from("one ");
  expect(body.keep(chunk)).toBeNull();
  chunk.write("two ");
  expect(body.keep(chunk)).toBeNull();
  const { pieces } = body;
  body.forget();
  expect(Buffer.concat(pieces).toString()).toBe("one two ");
  expect(body.pieces).toEqual([]);
});

test("of a body that nobody looks into only the beginning is kept, and only where it is wanted", () => {
  const body = new KeptBody();
  body.begin(6);
  for (const piece of ["1234", "5678", "9"]) body.keepSample(Buffer.from(piece));
  expect(Buffer.concat(body.pieces).toString()).toBe("123456");
  body.forget();
  body.keepSample(Buffer.from("more"));
  expect(body.pieces).toEqual([]);
});

test("a body that is too large is refused, and a forgotten one makes room for others", () => {
  const large = Buffer.alloc(16 * MIB);
  for (let answer = 1; answer <= 20; answer++) {
    const body = new KeptBody();
    expect(body.keep(large)).toBeNull();
    expect(body.keep(Buffer.from("x"))).toContain("too large to be looked into");
    body.forget();
  }
});
