import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { AnswerBody } from "../../../src/load/answers/answer-body.js";
import { compileCapture } from "../../../src/load/answers/captures.js";
import { compileJsonPath, valueAt } from "../../../src/load/answers/json-value.js";
import { compileEncoded } from "../../../src/load/http/encodings.js";
import { renderTemplate } from "../../../src/load/mix/request-template.js";
import { newScope, Values } from "../../../src/load/mix/values.js";
import type { Journey, WeightedRequest } from "../../../src/plan/load-plan.js";
import type { Expectation } from "../../../src/requests/answers/expectation.js";
import type { Capture } from "../../../src/requests/http/http-request.js";
import { FaultlineError } from "../../../src/support/errors.js";
import { seededRandom } from "../../../src/support/random.js";
import {
  closedModel,
  feedOf,
  type HttpStep,
  loadPlan,
  openModel,
  request,
  runLoad,
  sum,
  totals,
} from "../../helpers/load-plans.js";

/** A value of the scenario's own syntax, written so that it is not taken for a JavaScript template. */
const v = (expression: string) => `$\{${expression}}`;

const cleanups: (() => void)[] = [];

afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  /** Names and values in turn, as they came. */
  readonly rawHeaders: readonly string[];
  readonly body: string;
}

type Answerer = (received: Received, response: ServerResponse) => void;

async function startApi(answer: Answerer = (_, response) => response.end("{}")) {
  const received: Received[] = [];
  const server = createServer(async (incoming, response) => {
    let body = "";
    for await (const chunk of incoming) body += chunk;
    const { method = "", url = "", headers, rawHeaders } = incoming;
    const entry = { method, url, headers, rawHeaders, body };
    received.push(entry);
    answer(entry, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanups.push(() => {
    server.closeAllConnections();
    server.close();
  });
  // Listening on a port, so an address is an object.
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received };
}

function mixOf(...requests: readonly WeightedRequest[]) {
  return { mix: { kind: "requests", requests } } as const;
}

function expecting(changes: Partial<Expectation>): Expectation {
  return { status: ["2xx"], headers: {}, body: null, json: {}, ...changes };
}

describe("requests", () => {
  test("arrive as written, with the target's path before theirs", async () => {
    const api = await startApi();
    const plan = loadPlan(
      `${api.url}/api/`,
      openModel(20),
      mixOf(
        request({
          method: "POST",
          path: "/orders?x=1&y=%20",
          headers: { "Content-Type": "application/json", "X-Name": "ü" },
          body: '{"name":"Zoë"}',
        }),
      ),
    );
    const counts = totals((await runLoad(plan, 300)).all);
    expect(counts.ok).toBe(counts.scheduled);
    expect(api.received).toHaveLength(counts.ok);
    for (const { method, url, headers, rawHeaders, body } of api.received) {
      expect([method, url, body]).toEqual(["POST", "/api/orders?x=1&y=%20", '{"name":"Zoë"}']);
      // Some old servers know a header only as it was written.
      expect(rawHeaders).toContain("X-Name");
      expect(headers["content-length"]).toBe("15");
      expect(headers["content-type"]).toBe("application/json");
      expect(headers.host).toBe(new URL(api.url).host);
    }
  });

  test("hold values that are encoded for their place, the length counted in bytes", async () => {
    const api = await startApi();
    const feed = feedOf("users", "round-robin", [{ name: 'Zoë "Z"/&\r\n' }]);
    const parts = {
      method: "POST",
      path: `/u/${v("data.users.name")}?q=${v("data.users.name")}`,
      headers: { "x-name": v("data.users.name").replace("Zoë", "") },
    };
    const name = v("data.users.name");
    const plan = loadPlan(api.url, openModel(30), {
      feeds: [feed],
      ...mixOf(
        request({ ...parts, name: "json", body: `{"name":"${name}"}`, bodyEncoding: "json" }),
        request({ ...parts, name: "form", body: `name=${name}&x=1`, bodyEncoding: "form" }),
        request({ ...parts, name: "text", body: `$$\{not} ${name}`, bodyEncoding: "none" }),
      ),
    });
    const counts = totals((await runLoad(plan, 600)).all);
    expect(counts.ok).toBe(counts.scheduled);
    const raw = 'Zoë "Z"/&\r\n';
    const bodies = [JSON.stringify({ name: raw }), "name=Zo%C3%AB+%22Z%22%2F%26%0D%0A&x=1", `$\{not} ${raw}`];
    for (const { url, headers, body } of api.received) {
      expect(url).toBe(`/u/${encodeURIComponent(raw)}?q=${encodeURIComponent(raw)}`);
      expect(bodies).toContain(body);
      expect(headers["content-length"]).toBe(String(Buffer.byteLength(body)));
      expect(Object.keys(headers).sort()).toEqual(["connection", "content-length", "host", "x-name"]);
    }
    expect(new Set(api.received.map(({ body }) => body))).toEqual(new Set(bodies));
  });

  test("have numbers that no two requests share, over all threads, and new uuids at each place", async () => {
    const api = await startApi();
    const path = `/${v("seq")}/${v("seq")}/${v("uuid")}/${v("uuid")}/${v("random.int(3,5)")}`;
    const plan = loadPlan(api.url, openModel(100), { workers: 2, ...mixOf(request({ path })) });
    const counts = totals((await runLoad(plan, 500)).all);
    const urls = api.received.map(({ url }) => url.split("/").slice(1));
    expect(urls.every(([a, b]) => a === b)).toBe(true);
    const numbers = urls.map(([a]) => Number(a));
    expect(new Set(numbers).size).toBe(urls.length);
    // Two threads take the odd and the even ones; one of them can be a request ahead at the end.
    expect(Math.min(...numbers)).toBe(1);
    expect(Math.max(...numbers)).toBeLessThanOrEqual(counts.scheduled + 2);
    const uuids = urls.flatMap(([, , a = "", b = ""]) => [a, b]);
    expect(new Set(uuids).size).toBe(uuids.length);
    for (const uuid of uuids)
      expect(uuid).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
    expect(new Set(urls.map((parts) => parts[4]))).toEqual(new Set(["3", "4", "5"]));
  });

  test("take data rows in turn or at random, all columns of one request from the same row", async () => {
    const rows = Array.from({ length: 5 }, (_, i) => ({ id: `i${i}`, name: `n${i}` }));
    const api = await startApi();
    const path = `/${v("data.turn.id")}/${v("data.turn.name")}/${v("data.any.id")}`;
    const plan = loadPlan(api.url, openModel(100), {
      ...mixOf(request({ path })),
      feeds: [feedOf("turn", "round-robin", rows), feedOf("any", "random", rows)],
    });
    await runLoad(plan, 500);
    const urls = api.received.map(({ url }) => url.split("/").slice(1));
    for (const [id, name] of urls) expect(id?.slice(1)).toBe(name?.slice(1));
    const uses = rows.map(({ id }) => urls.filter((parts) => parts[0] === id).length);
    expect(Math.max(...uses) - Math.min(...uses)).toBeLessThanOrEqual(1);
    expect(new Set(urls.map((parts) => parts[2])).size).toBe(5);
  });

  test("repeat with the same seed", () => {
    const render = (seed: number) => {
      const values = new Values([], seededRandom(seed), { thread: 0, threads: 1 });
      const parts = compileEncoded(`${v("uuid")} ${v("random.int(1,1000000)")}`, "none", values);
      return [renderTemplate(parts, newScope()), renderTemplate(parts, newScope())];
    };
    expect(render(7)).toEqual(render(7));
    expect(render(7)).not.toEqual(render(8));
  });

  test.each([
    ["nonsense", /no value for each request/],
    ["env.HOME", /no value for each request/],
    ["nonsense(", /not a variable/],
    ["random.int(5,1)", /lower bound comes first/],
    ["data.users.name", /no feed "users"/],
    ["data.people.age", /no column "age"/],
    ["data.nobody.age", /has no rows/],
  ])("with %s are refused", (expression, message) => {
    const feeds = [feedOf("people", "random", [{ name: "x" }]), feedOf("nobody", "random", [])];
    const values = new Values(feeds, seededRandom(1), { thread: 0, threads: 1 });
    expect(() => compileEncoded(v(expression), "url", values)).toThrow(FaultlineError);
    expect(() => compileEncoded(v(expression), "url", values)).toThrow(message);
  });
});

describe("expectations", () => {
  const answer: Answerer = ({ url }, response) => {
    if (url === "/missing") response.statusCode = 404;
    response.setHeader("X-Version", "v2; beta");
    const json = JSON.stringify({ order: { id: 7, lines: [{ sku: "A1" }] }, ok: true });
    // .NET and Windows tools begin JSON with a byte order mark.
    if (url === "/steps") response.end(`${"a".repeat(40)}!`);
    else response.end(url === "/text" ? "no json here" : url === "/marked" ? `\ufeff${json}` : json);
  };

  test.each<[string, string, Partial<Expectation>, string | null]>([
    ["a status value", "/missing", { status: [404] }, null],
    ["another status", "/missing", {}, "status 404"],
    ["another status than the one that is asked for", "/missing", { status: [201] }, "status 404"],
    [
      "a good status where others are asked for",
      "/",
      { status: [201, "3xx"] },
      "status 200, expected 201 or 3xx",
    ],
    ["a class of status", "/", { status: ["4xx", "2xx"] }, null],
    ["a header's text", "/", { headers: { "x-version": "v2" } }, null],
    [
      "a header that says something else",
      "/",
      { headers: { "x-version": "v3" } },
      'header x-version: expected text with "v3", found "v2; beta"',
    ],
    [
      "a header that is missing",
      "/",
      { headers: { etag: "x" } },
      'header etag: expected text with "x", found nothing',
    ],
    ["text in the body", "/", { body: '"sku":"A1"' }, null],
    ["text that is not in the body", "/", { body: "B2" }, 'body: expected text with "B2", found a long text'],
    ["values in JSON", "/", { json: { "$.order.lines[0].sku": "A1", "$.order.id": 7, "$.ok": true } }, null],
    ["JSON that begins with a byte order mark", "/marked", { json: { "$.order.id": 7 } }, null],
    ["another value in JSON", "/", { json: { "$.order.id": "7" } }, 'json $.order.id: expected "7", found 7'],
    [
      "a path that JSON does not have",
      "/",
      { json: { "$.items[9].sku": "A1" } },
      'json $.items[9].sku: expected "A1", found nothing',
    ],
    [
      "conditions that hold",
      "/",
      {
        headers: { "x-version": { regex: "^v[0-9]", not: "alpha" }, etag: { exists: false } },
        body: { regex: '"id":\\s*7' },
        json: {
          "$.order.id": { ">=": 7, "<": 8, not: null, regex: "^7$" },
          "$.order.lines.length": 1,
          "$.order.lines[0].sku.length": { ">": 1 },
          "$.order.lines": { exists: true },
          "$.gone": { exists: false },
        },
      },
      null,
    ],
    [
      "a number out of bounds",
      "/",
      { json: { "$.order.id": { ">=": 0, "<": 7 } } },
      "json $.order.id: expected < 7, found 7",
    ],
    [
      "a text that no number is compared with",
      "/",
      { json: { "$.order.lines[0].sku": { ">": 0 } } },
      'json $.order.lines[0].sku: expected > 0, found "A1"',
    ],
    [
      "a value that must not be",
      "/",
      { json: { "$.ok": { not: true } } },
      "json $.ok: expected anything but true, found true",
    ],
    [
      "something else than null where nothing is",
      "/",
      { json: { "$.gone": { not: null } } },
      "json $.gone: expected anything but null, found nothing",
    ],
    [
      "what must not be there",
      "/",
      { json: { "$.order": { exists: false } } },
      "json $.order: expected no value, found a map",
    ],
    [
      "an expression that is not found",
      "/",
      { headers: { "x-version": { regex: "^v3" } } },
      'header x-version: expected a match of "^v3", found "v2; beta"',
    ],
    [
      "an expression of endless possibilities",
      "/steps",
      { body: { regex: "^(a+)+$" } },
      'body: expected a match of "^(a+)+$", found a long text',
    ],
    ["JSON where there is none", "/text", { json: { $: null } }, "body is not JSON"],
  ])("%s", async (_, path, expectation, reason) => {
    const api = await startApi(answer);
    const plan = loadPlan(api.url, openModel(50), mixOf(request({ path, expect: expecting(expectation) })));
    const measured = await runLoad(plan, 150);
    const counts = totals(measured.all);
    expect(counts.scheduled).toBeGreaterThan(5);
    expect(reason === null ? counts.ok : counts.http_error).toBe(counts.scheduled);
    expect(measured.reasons).toEqual(reason === null ? {} : { [reason]: counts.scheduled });
  });

  test.each(["$.a.b[0]", "$", "$['odd name'].x", '$["a"][2]', "$.a-b"])("know the path %s", (path) => {
    expect(() => compileJsonPath(path)).not.toThrow();
  });

  test.each(["a.b", "$.", "$.a[", "$..a", "$.a[*]", ""])("refuse the path %s", (path) => {
    expect(() => compileJsonPath(path)).toThrow(/is no JSON path/);
  });

  test("find nothing by inherited names", () => {
    expect(valueAt({ a: [1] }, compileJsonPath("$.a.length"))).toBe(1);
    expect(valueAt({}, compileJsonPath("$.constructor"))).toBeUndefined();
  });
});

describe("journeys", () => {
  function step(changes: Partial<HttpStep>): HttpStep {
    const { weight: _, ...spec } = request({ expect: expecting({}) });
    return { ...spec, capture: [], thinkTimeMs: 0, ...changes };
  }

  /** OAuth2 client credentials, then a page that wants the bearer token, then an order that the page named. */
  const login: Journey = {
    name: "buy",
    weight: 1,
    steps: [
      step({
        name: "login",
        method: "POST",
        path: "/token",
        headers: { "Content-Type": "application/x-www-form-urlencoded" },
        body: `grant_type=client_credentials&client_id=${v("data.clients.id")}&client_secret=${v("data.clients.secret")}`,
        bodyEncoding: "form",
        capture: [{ name: "token", from: { kind: "json", path: "$.access_token" } }],
      }),
      step({
        name: "cart",
        path: "/cart",
        headers: { Authorization: `Bearer ${v("capture.token")}` },
        capture: [
          { name: "order", from: { kind: "regex", pattern: "order-(\\d+)" } },
          { name: "etag", from: { kind: "header", header: "ETag", pattern: null } },
        ],
        thinkTimeMs: 50,
      }),
      step({
        name: "pay",
        method: "POST",
        path: `/orders/${v("capture.order")}`,
        headers: { Authorization: `Bearer ${v("capture.token")}`, "If-Match": v("capture.etag") },
        expect: expecting({ status: [201] }),
      }),
    ],
  };
  const known = [
    { id: "shop", secret: "s&s" },
    { id: "app", secret: "a a" },
  ];
  const clients = feedOf("clients", "round-robin", known);

  async function startShop() {
    const tokens = new Map<string, number>();
    const shop = await startApi(({ url, headers, body }, response) => {
      const token = headers.authorization?.replace("Bearer ", "") ?? "";
      if (url === "/token") {
        const form = new URLSearchParams(body);
        const good = known.some(
          (row) => row.id === form.get("client_id") && row.secret === form.get("client_secret"),
        );
        const fresh = `t${tokens.size}`;
        tokens.set(fresh, tokens.size);
        response.statusCode = good ? 200 : 401;
        response.end(JSON.stringify({ access_token: fresh, token_type: "bearer" }));
      } else if (!tokens.has(token)) {
        response.writeHead(403).end();
      } else if (url === "/cart") {
        response.setHeader("ETag", `"${token}"`);
        response.end(`<a href="/orders">order-${1000 + (tokens.get(token) ?? 0)}</a>`);
      } else {
        const mine =
          url === `/orders/${1000 + (tokens.get(token) ?? 0)}` && headers["if-match"] === `"${token}"`;
        response.writeHead(mine ? 201 : 409).end();
      }
    });
    return shop;
  }

  test.each([
    ["open", openModel(40)],
    ["closed", closedModel(3)],
  ] as const)("log in, carry the token and what they captured, in the %s model", async (kind, model) => {
    const shop = await startShop();
    const plan = loadPlan(shop.url, model, {
      mix: { kind: "journeys", journeys: [login] },
      feeds: [clients],
    });
    const measured = await runLoad(plan, 700);
    const counts = totals(measured.all);
    expect(measured.reasons).toEqual({});
    expect(counts.ok).toBe(counts.scheduled);
    expect(shop.received).toHaveLength(counts.scheduled);
    const names = measured.requests.map((series) => [series.request, totals(series).scheduled] as const);
    expect(names.map(([name]) => name)).toEqual(["login", "cart", "pay"]);
    const [logins = 0, carts = 0, pays = 0] = names.map(([, count]) => count);
    // The rate counts journeys begun; those whose next step was not due before the end have no such step.
    if (kind === "open") {
      expect(logins).toBeGreaterThanOrEqual(Math.ceil(measured.durationS * 40 - 1e-6));
      expect(logins).toBeLessThan(measured.durationS * 40 + 15);
    }
    expect(carts).toBeLessThanOrEqual(logins);
    expect(pays).toBeGreaterThan(5);
    expect(pays).toBeLessThanOrEqual(carts);
  });

  test("captures look behind a byte order mark", () => {
    const body = new AnswerBody([Buffer.from('\ufeff{"id":9007199254740993}')]);
    const found = (from: Capture["from"]) => compileCapture({ name: "id", from }).find([], body);
    expect(found({ kind: "json", path: "$.id" })).toBe("9007199254740993");
    expect(found({ kind: "regex", pattern: "^\\{" })).toBe("{");
  });

  test("wait the think time from the answer to the next step's due time", async () => {
    const shop = await startShop();
    const plan = loadPlan(shop.url, closedModel(1), {
      mix: { kind: "journeys", journeys: [login] },
      feeds: [clients],
    });
    const measured = await runLoad(plan, 1000);
    const pays = totals(measured.requests[2]!).scheduled;
    expect(pays).toBeGreaterThan(5);
    expect(pays).toBeLessThanOrEqual(20);
    // Thinking is not latency.
    expect(measured.requests[2]?.latencyMs.p50[0] ?? 99).toBeLessThan(40);
  });

  test("end at a step that fails; a capture that finds nothing is one such, with its own reason", async () => {
    const shop = await startApi((_, response) => response.end("no token in here"));
    const plan = loadPlan(shop.url, openModel(50), {
      mix: { kind: "journeys", journeys: [login] },
      feeds: [clients],
    });
    const measured = await runLoad(plan, 300);
    const counts = totals(measured.all);
    expect(counts.http_error).toBe(counts.scheduled);
    expect(measured.reasons).toEqual({ "capture token found nothing": counts.scheduled });
    expect(measured.requests.map((series) => series.request)).toEqual(["login"]);
    expect(sum(measured.requests[0]?.scheduled ?? [])).toBe(counts.scheduled);
  });

  test("hand on what a header holds beyond ASCII as it came, and see it in expectations", async () => {
    const seen: string[] = [];
    const api = await startApi(({ url, headers }, response) => {
      if (url === "/next") {
        // Parts of these end in bytes that are line breaks without their eighth bit.
        response.setHeader("X-Name", Buffer.from("č名 café").toString("latin1"));
        response.end();
      } else {
        seen.push(Buffer.from(String(headers["x-name"]), "latin1").toString("utf8"), decodeURIComponent(url));
        response.end();
      }
    });
    const steps = [
      step({
        name: "next",
        path: "/next",
        expect: expecting({ headers: { "x-name": "名 café" } }),
        capture: [{ name: "name", from: { kind: "header", header: "x-name", pattern: null } }],
      }),
      step({ name: "use", path: `/${v("capture.name")}`, headers: { "x-name": v("capture.name") } }),
    ];
    const plan = loadPlan(api.url, closedModel(1), {
      mix: { kind: "journeys", journeys: [{ name: "names", weight: 1, steps }] },
    });
    const measured = await runLoad(plan, 200);
    expect(measured.reasons).toEqual({});
    expect([...new Set(seen)]).toEqual(["č名 café", "/č名 café"]);
  });

  test("hand on numbers as they were written, also those that no double holds", async () => {
    const seen: string[] = [];
    const api = await startApi(({ url }, response) => {
      if (url !== "/next") seen.push(decodeURIComponent(url));
      response.end('{"id":9007199254740993,"order":{"total":1.10,"lines":[3]},"position":7,"new":true}');
    });
    const capture = ["id", "order", "position", "new"].map((name) => ({
      name,
      from: { kind: "json", path: `$.${name}` } as const,
    }));
    const steps = [
      step({ name: "next", path: "/next", capture }),
      step({ name: "use", path: `/${capture.map(({ name }) => v(`capture.${name}`)).join(";")}` }),
    ];
    const plan = loadPlan(api.url, closedModel(1), {
      mix: { kind: "journeys", journeys: [{ name: "numbers", weight: 1, steps }] },
    });
    const measured = await runLoad(plan, 200);
    expect(measured.reasons).toEqual({});
    expect([...new Set(seen)]).toEqual(['/9007199254740993;{"total":1.10,"lines":[3]};7;true']);
  });

  test("hand on whole numbers that are written with a point, an exponent or a sign as they were written", async () => {
    const seen: string[] = [];
    const api = await startApi(({ url }, response) => {
      if (url !== "/next") seen.push(url);
      response.end('{"price":10.00,"many":1e2,"zero":-0,"n":7}');
    });
    const capture = ["price", "many", "zero", "n"].map((name) => ({
      name,
      from: { kind: "json", path: `$.${name}` } as const,
    }));
    const steps = [
      step({ name: "next", path: "/next", capture }),
      step({ name: "use", path: `/${capture.map(({ name }) => v(`capture.${name}`)).join(";")}` }),
    ];
    const plan = loadPlan(api.url, closedModel(1), {
      mix: { kind: "journeys", journeys: [{ name: "numbers", weight: 1, steps }] },
    });
    await runLoad(plan, 200);
    expect([...new Set(seen)]).toEqual(["/10.00;1e2;-0;7"]);
  });

  test("go on after answers that hold what cannot be sent or is nested too deeply", async () => {
    const seen: string[] = [];
    let answers = 0;
    const api = await startApi(({ url }, response) => {
      if (url !== "/next") seen.push(decodeURIComponent(url));
      const isDeep = answers++ % 2 === 1;
      const deep = `{"id":${"[".repeat(50_000)}${"]".repeat(50_000)}}`;
      response.end(isDeep ? deep : '{"id":"half \\ud83d"}');
    });
    const steps = [
      step({ name: "next", path: "/next", capture: [{ name: "id", from: { kind: "json", path: "$.id" } }] }),
      step({ name: "use", path: `/${v("capture.id")}` }),
    ];
    const plan = loadPlan(api.url, closedModel(1), {
      mix: { kind: "journeys", journeys: [{ name: "odd", weight: 1, steps }] },
    });
    const measured = await runLoad(plan, 500);
    const counts = totals(measured.all);
    expect(measured.lost).toBeNull();
    expect(counts.ok + counts.http_error).toBe(counts.scheduled);
    expect(new Set(seen)).toEqual(new Set(["/half \ufffd"]));
  });

  test("capture from each answer's own body, also when its head is the one of the answer before", async () => {
    const seen: string[] = [];
    const api = await startApi(({ url }, response) => {
      if (url === "/next") {
        response.sendDate = false;
        response.end(String(100 + seen.length));
      } else {
        seen.push(url);
        response.end();
      }
    });
    const steps = [
      step({
        name: "next",
        path: "/next",
        capture: [{ name: "id", from: { kind: "regex", pattern: "\\d+" } }],
      }),
      step({ name: "use", path: `/use/${v("capture.id")}` }),
    ];
    const plan = loadPlan(api.url, closedModel(1), {
      mix: { kind: "journeys", journeys: [{ name: "ids", weight: 1, steps }] },
    });
    const counts = totals((await runLoad(plan, 300)).all);
    expect(counts.ok).toBe(counts.scheduled);
    expect(seen.length).toBeGreaterThan(5);
    expect(seen).toEqual(seen.map((_, i) => `/use/${100 + i}`));
  });
});
