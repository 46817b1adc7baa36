import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { readPath } from "../../../src/notation/url-reference.js";
import type { Capture } from "../../../src/requests/http/http-request.js";
import {
  closedModel,
  feedOf,
  type HttpStep,
  loadPlan,
  request,
  runLoad,
  totals,
} from "../../helpers/load-plans.js";
import { checkText, scenarioText } from "../../helpers/scenario-files.js";

/** A value of the scenario's own syntax, written so that it is not taken for a JavaScript template. */
const v = (expression: string) => `$\{${expression}}`;

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

/** Sends everybody who asks for /start to `location`. */
async function startShop(location: (host: string) => string) {
  const seen = new Set<string>();
  const server = createServer((incoming, response) => {
    if (incoming.url?.endsWith("/start")) {
      response.writeHead(303, { location: location(incoming.headers.host ?? "") }).end();
    } else {
      seen.add(incoming.url ?? "");
      response.end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanups.push(() => {
    server.closeAllConnections();
    server.close();
  });
  // Listening on a port, so an address is an object.
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

const WHERE: Capture = { name: "where", from: { kind: "header", header: "location", pattern: null } };

function step(changes: Partial<HttpStep>): HttpStep {
  const expectation = { status: ["2xx", "3xx"] as const, headers: {}, body: null, json: {} };
  return { ...request(changes), capture: [], thinkTimeMs: 0, expect: expectation, ...changes };
}

/** Follows where /start leads, from a target with this path. */
async function follow(location: (host: string) => string, path: string, base = "") {
  const shop = await startShop(location);
  const steps = [step({ name: "start", path: "/start", capture: [WHERE] }), step({ name: "follow", path })];
  const plan = loadPlan(`${shop.url}${base}`, closedModel(1), {
    mix: { kind: "journeys", journeys: [{ name: "j", weight: 1, steps }] },
  });
  const measured = await runLoad(plan, 500);
  // A request that was never due is not listed.
  const [start, followed] = measured.requests;
  if (!start) throw new Error("nothing was measured");
  return {
    urls: [...shop.seen],
    reasons: Object.keys(start.reasons ?? {}).map((reason) => reason.replace(shop.url, "TARGET")),
    good: followed !== undefined && totals(followed).ok > 0,
  };
}

describe("a captured location is the next step's path", () => {
  test.each([
    ["/orders/42?tab=a%20b", "/orders/42?tab=a%20b"],
    ["/orders/42#top", "/orders/42"],
    ["/a b?q=ä", "/a%20b?q=%C3%A4"],
    ["http://HOST/orders/42?tab=a%20b", "/orders/42?tab=a%20b"],
    ["http://HOST", "/"],
    ["http://HOST?x=1", "/?x=1"],
    ["//HOST/orders", "/orders"],
  ])("%s → %s", async (location, url) => {
    const result = await follow(
      (host) => location.replace("HOST", host).replace("ä", "\u00c3\u00a4"),
      v("capture.where"),
    );
    expect(result).toEqual({ urls: [url], reasons: [], good: true });
  });

  test("from the target's root, with more behind it", async () => {
    const result = await follow(() => "/shop/orders?x=1", `${v("capture.where | path")}&y=2`, "/shop");
    expect(result.urls).toEqual(["/shop/orders?x=1&y=2"]);
  });

  test.each([
    ["http://127.0.0.1:1/orders", "capture where leads away from the target, to http://127.0.0.1:1"],
    ["https://HOST/orders", /^capture where leads away from the target, to https:/],
    ["//example.com/", "capture where leads away from the target, to http://example.com"],
    ["http://HOST@example.com/", "capture where leads away from the target, to http://example.com"],
    ["orders/42", "capture where is neither a path that begins with / nor a URL of the target"],
    ["javascript:alert(1)", "capture where is neither a path that begins with / nor a URL of the target"],
  ])("%s is refused with its reason, and nothing is asked for", async (location, reason) => {
    const result = await follow((host) => location.replace("HOST", host), v("capture.where"));
    expect(result.good).toBe(false);
    expect(result.urls).toEqual([]);
    expect(result.reasons).toEqual([typeof reason === "string" ? reason : expect.stringMatching(reason)]);
  });
});

test("`| path` puts a value in as it is, without it the value is encoded", async () => {
  const shop = await startShop(() => "/");
  const row = { rest: "orders/42?tab=a%20b\r\nx-evil: 1" };
  const plan = loadPlan(shop.url, closedModel(1), {
    feeds: [feedOf("log", "round-robin", [row])],
    mix: {
      kind: "requests",
      requests: [
        request({ name: "raw", path: `/raw/${v("data.log.rest | path")}` }),
        request({ name: "encoded", path: `/encoded/${v("data.log.rest")}` }),
      ],
    },
  });
  await runLoad(plan, 500);
  expect([...shop.seen].sort()).toEqual([
    `/encoded/${encodeURIComponent(row.rest)}`,
    "/raw/orders/42?tab=a%20b%0D%0Ax-evil:%201",
  ]);
});

test("no value makes a request line of another host, or a second header", () => {
  const values = [
    "http://evil.test/x",
    "\\\\evil.test/",
    "http:\\\\evil.test",
    "//evil.test",
    "/x\r\nhost: evil",
    "/\ud800",
  ];
  for (const value of values) {
    const reading = readPath(value, "http://127.0.0.1:3000");
    if (reading.ok) expect(reading.path).toMatch(/^\/[\x21-\x7e]*$/);
  }
  expect(readPath("http://LOCALHOST:80/a", "http://localhost")).toEqual({ ok: true, path: "/a" });
});

describe("in a scenario", () => {
  const complaints = async (load: string) =>
    (await checkText(scenarioText("", `  rate: 100/s\n  ${load}`))).diagnostics.map(
      ({ line, column, message, help }) => `${line}:${column} ${message} = ${help}`,
    );
  const rows = (path: string) => `data: { log: { rows: [{ p: /ok }, { p: "${path}" }] } }`;

  test.each([
    [`${rows("/b?x=1")}\n  requests: [{ path: "${v("data.log.p")}" }]`],
    [`${rows("http://127.0.0.1:3000/b")}\n  requests: [{ path: "${v("data.log.p | path")}" }]`],
    [`${rows("b")}\n  requests: [{ path: "/${v("data.log.p | path")}" }]`],
    ["requests: [{ path: '/${random.int(1, 9)}' }]"],
  ])("%s is right", async (load) => {
    expect(await complaints(load)).toEqual([]);
  });

  test.each([
    [
      `${rows("b")}\n  requests: [{ path: "${v("data.log.p")}" }]`,
      /^9:22 row 2 of the data feed `log`: its `p` is neither a path .* = For a part of a path write/,
    ],
    [
      `${rows("http://other.test/")}\n  requests: [{ path: "${v("data.log.p")}" }]`,
      /^9:22 row 2 .* leads away from the target, to http:\/\/other\.test/,
    ],
    ['requests: [{ path: "${uuid}" }]', /^8:22 a path begins with \/, or with .* = Write \/\$\{uuid\}\.$/],
    [
      `${rows("/b")}\n  requests: [{ path: "${v("data.log.p")}", query: { a: 1 } }]`,
      /^9:39 whether this path has a query already is known only when it runs/,
    ],
    [
      `${rows("/b")}\n  requests: [{ path: /, headers: { x: "${v("data.log.p | path")}" } }]`,
      /^9:40 `\| path` is for the path of a request = /,
    ],
  ])("%s is refused at its place", async (load, complaint) => {
    expect(await complaints(load)).toEqual([expect.stringMatching(complaint)]);
  });
});
