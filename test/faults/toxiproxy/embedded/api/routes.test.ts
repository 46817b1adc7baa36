import { expect, test } from "vitest";
import { route } from "../../../../../src/faults/toxiproxy/embedded/api/routes.js";

test.each([
  ["GET", "/proxies", "proxy.index", "", ""],
  ["POST", "/proxies?x=y", "proxy.create", "", ""],
  ["PATCH", "/proxies/a%20b", "proxy.update", "a b", ""],
  ["POST", "/proxies/%F0%9F%99%82", "proxy.update", "🙂", ""],
  ["DELETE", "/proxies/50%25", "proxy.remove", "50%", ""],
  ["GET", "/proxies/a+b", "proxy.show", "a+b", ""],
  ["GET", "/proxies/x/toxics/9%25", "toxic.show", "x", "9%"],
  ["GET", "http://127.0.0.1:8474/version", "version", "", ""],
  ["GET", "/faultline/counters", "counters", "", ""],
])("%s %s is %s", (method, target, operation, proxy, toxic) => {
  expect(route(method, target)).toEqual({ kind: "operation", operation, proxy, toxic });
});

test.each([
  ["//proxies", "/proxies"],
  ["/proxies/../version?a=b", "/version?a=b"],
  ["/proxies/%2e", "/proxies"],
  ["/proxies//a%3Fb/", "/proxies/a%3Fb/"],
])("%s is redirected to %s", (target, location) => {
  expect(route("GET", target)).toEqual({ kind: "redirect", location });
});

test.each(["/", "/nope", "/proxies/", "/Proxies", "/proxies/x/toxics/t/u", "/proxies/a%2Fb"])(
  "%s is not found",
  (target) => {
    expect(route("GET", target)).toEqual({ kind: "not_found" });
  },
);

test("a method that a path does not take is not allowed, also one that every object has", () => {
  expect(route("HEAD", "/version")).toEqual({ kind: "method_not_allowed" });
  expect(route("constructor", "/proxies")).toEqual({ kind: "method_not_allowed" });
});

test("an escape that is none is malformed; bytes that are no UTF-8 match no name", () => {
  expect(route("GET", "/proxies/%zz")).toEqual({ kind: "malformed" });
  expect(route("GET", "/proxies/%ff")).toMatchObject({ operation: "proxy.show", proxy: "\ufffd" });
});
