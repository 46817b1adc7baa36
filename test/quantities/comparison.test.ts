import { expect, test } from "vitest";
import { looksLikeComparison, parseComparison } from "../../src/quantities/comparison.js";

test.each([
  [">= 0", { ">=": 0 }],
  ["<10.5", { "<": 10.5 }],
  [" > -1e3 ", { ">": -1000 }],
  ["<= +7", { "<=": 7 }],
])("%s is a comparison", (text, comparison) => {
  expect(parseComparison(text)).toEqual(comparison);
});

test.each([">= 0, < 10", "== 0", "!= null", "> ten", ">= 10ms", "<="])("%s only looks like one", (text) => {
  expect(parseComparison(text)).toBeNull();
  expect(looksLikeComparison(text)).toBe(true);
});

test.each(["<b>bold</b>", "<order/>", "A1", "", "->", ">>"])("%s is a plain text", (text) => {
  expect(parseComparison(text)).toBeNull();
  expect(looksLikeComparison(text)).toBe(false);
});
