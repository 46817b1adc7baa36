import { expect, test } from "vitest";
import { urlUnder } from "../../src/support/url-under.js";

test.each([
  ["http://a:1", "b/c", {}, "http://a:1/b/c"],
  ["http://a:1/", "b", { x: "1 2" }, "http://a:1/b?x=1+2"],
  ["http://a:1/p//?tenant=t&u", "b", {}, "http://a:1/p/b?tenant=t&u"],
  ["http://a:1?tenant=a?b", "b", { x: "1" }, "http://a:1/b?tenant=a?b&x=1"],
])("%s and %s with %j", (base, path, asked, expected) => {
  expect(urlUnder(base, path, asked)).toBe(expected);
});
