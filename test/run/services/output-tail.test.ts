import fc from "fast-check";
import { expect, test } from "vitest";
import { OutputTail } from "../../../src/run/services/output-tail.js";

test("the tail is bounded and keeps the end", () => {
  const tail = new OutputTail(1_000, []);
  for (let i = 0; i < 5_000; i += 1) tail.add("stdout", `line ${i}\n`);
  expect(tail.last(1_000)).toHaveLength(1_000);
  expect(tail.last(20)).toBe("line 4998\nline 4999\n");
  expect(tail.toString()).toBe(`… (the output before this is not kept)\n${tail.last(1_000)}`);
});

test("a secret is masked however the output is cut into pieces, and wherever the tail begins", () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constantFrom("hunter2secret", "hunter2"), fc.string()), { maxLength: 20 }),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 60 }),
      (words, piece, limit) => {
        const tail = new OutputTail(limit, ["hunter2", "", "hunter2secret"]);
        const text = words.join("");
        for (let at = 0; at < text.length; at += piece) tail.add("stdout", text.slice(at, at + piece));
        expect(tail.toString()).not.toContain("hunter2");
        expect(tail.toString()).not.toContain("secret");
      },
    ),
  );
});

test("colours and control characters are left out", () => {
  const tail = new OutputTail(1_000, []);
  tail.add("stderr", "\u001b[31mred\u001b[0m\u0007\ttab\r\nnext\u0000");
  expect(tail.toString()).toBe("red\ttab\nnext");
});

test("a secret that was printed with a colour code inside is masked", () => {
  const tail = new OutputTail(1_000, ["hunter2"]);
  tail.add("stdout", "pw=hun\u001b[31mter2");
  expect(tail.toString()).toBe("pw=•••");
});

test("a secret is masked that another stream wrote into the middle of, and one in base64 that came in pieces", () => {
  const tail = new OutputTail(1_000, ["hunter2-s3cr3t"]);
  const basic = Buffer.from("user:hunter2-s3cr3t").toString("base64");
  tail.add("stdout", `pw=hunter2-`);
  tail.add("stderr", "warning: slow\n");
  tail.add("stdout", `s3cr3t\nBasic ${basic.slice(0, 12)}`);
  tail.add("stdout", basic.slice(12));
  expect(tail.toString()).toMatch(/^warning: slow\npw=•••\nBasic \w{0,6}•••=*$/);
});

test("a program that prints megabytes without a line's end is kept in bounds", () => {
  const tail = new OutputTail(1_000, ["hunter2-s3cr3t"]);
  for (let i = 0; i < 2_000; i += 1) tail.add("stdout", "x".repeat(1_000));
  tail.add("stdout", "the end");
  expect(tail.last(1_000)).toHaveLength(1_000);
  expect(tail.toString()).toMatch(/xthe end$/);
});

test("a long line of one stream does not push out what another one says", () => {
  const tail = new OutputTail(10_000, ["hunter2-s3cr3t"]);
  for (let i = 0; i < 3; i += 1) tail.add("stdout", "x".repeat(9_000));
  tail.add("stderr", "the reason\n");
  expect(tail.toString()).toContain("the reason");
});
