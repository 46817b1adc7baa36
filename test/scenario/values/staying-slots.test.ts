import { expect, test } from "vitest";
import { parseReference } from "../../../src/notation/template.js";
import { isTraceId, whatStays, whyMisplaced } from "../../../src/scenario/values/staying-slots.js";

test.each([
  ["services.shop.run", "commands"],
  ["services.shop.env.PORT", "commands"],
  ["services.shop.ready.http", "addresses"],
  ["services.shop.ready.log", "nothing"],
  ["services.shop.ready.command", "commands"],
  ["services.shop.cwd", "nothing"],
  ["proxies.cache.upstream", "addresses"],
  ["proxies.cache.tls.ca", "folder"],
  ["proxies.cache.tls.serverName", "nothing"],
  ["checks.0.run", "commands"],
  ["checks.0.id", "load slots"],
  ["checks.0.http.url", "addresses"],
  ["checks.0.http.tls.ca", "nothing"],
  ["signals.depth.prometheus", "addresses"],
  ["signals.depth.query", "nothing"],
  ["alerts.alertmanager", "addresses"],
  ["load.target", "addresses"],
  ["load.headers.x-id", "load slots"],
  ["load.requests.0.path", "load slots"],
  ["load.requests.0.name", "nothing"],
  ["load.journeys.0.steps.0.path", "load slots"],
  ["load.journeys.0.name", "nothing"],
  ["load.tracing.link", "trace link"],
  ["slos.0", "nothing"],
])("in %s stay: %s", (path, stays) => {
  const steps = path.split(".").map((step) => (/^\d+$/.test(step) ? Number(step) : step));
  expect(whatStays(steps)).toBe(stays);
});

test("a slot that cannot stay is refused with where it may stand", () => {
  const refused = (
    expression: string,
    stays: Parameters<typeof whyMisplaced>[2],
    path = ["load", "target"],
  ) => whyMisplaced(parseReference(expression), expression, stays, path);
  expect(refused("services.shop.port", "addresses")).toBeNull();
  expect(refused("services.shop.port", "commands")).toBeNull();
  expect(refused("services.shop.port", "load slots")?.help).toContain("load.target");
  expect(refused("seq", "addresses")).toEqual({
    message: "`${seq}` cannot stand here",
    help: expect.stringContaining("Values for each request may stand in"),
  });
});

test("a value for a path goes into a path alone", () => {
  const refused = (key: string) =>
    whyMisplaced(parseReference("data.shop.sku | path"), "data.shop.sku | path", "load slots", [
      "load",
      "requests",
      0,
      key,
    ]);
  expect(refused("path")).toBeNull();
  expect(refused("body")?.message).toBe("`| path` is for the path of a request");
});

test("${traceId} is a slot in links to traces alone", () => {
  expect(isTraceId("traceId", "trace link")).toBe(true);
  expect(isTraceId("traceId", "load slots")).toBe(false);
  expect(isTraceId("other", "trace link")).toBe(false);
});
