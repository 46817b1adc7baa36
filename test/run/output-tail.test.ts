import fc from "fast-check";
import { expect, test } from "vitest";
import { OutputTail } from "../../src/run/output-tail.js";

test("the tail is bounded and keeps the end", () => {
  const tail = new OutputTail(1_000, []);
  for (let i = 0; i < 5_000; i += 1) tail.add("stdout", `line ${i}\n`);
  expect(tail.toString()).toHaveLength(1_000);
  expect(tail.lastLines(2)).toEqual(["line 4998", "line 4999"]);
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
  expect(tail.toString()).toBe("pw=***");
});
