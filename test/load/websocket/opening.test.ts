import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { describe, expect, test as oneByOne } from "vitest";
import { checkAndPlan } from "../../../src/plan/check-and-plan.js";
import type { LoadModel, LoadPlan } from "../../../src/plan/load-plan.js";
import {
  isWebSocketRequest,
  type WebSocketRequest,
} from "../../../src/requests/websocket/websocket-request.js";
import { onTestFinished, testAtOnce as test } from "../../helpers/at-once.js";
import { type DigestServerOptions, startDigestServer } from "../../helpers/digest-server.js";
import { exchangeOf, expected, sent } from "../../helpers/exchanges.js";
import {
  closedModel,
  feedOf,
  loadPlan,
  openModel,
  runLoadUntil,
  sum,
  totals,
} from "../../helpers/load-plans.js";
import { folderWith } from "../../helpers/scenario-files.js";
import {
  RawWebSocketServer,
  SWITCHING,
  serverFrame,
  type WebSocketBehaviour,
} from "../../helpers/websocket-server.js";

/** Who a handshake comes from, what its answer leaves behind, and where it leads. */

async function serverThat(behaviourOf: (path: string) => WebSocketBehaviour) {
  const server = new RawWebSocketServer(behaviourOf);
  await server.up();
  onTestFinished(() => server.down());
  return server;
}

function planFor(
  url: string,
  model: LoadModel,
  changes: Partial<WebSocketRequest> = {},
  more: Partial<LoadPlan> = {},
): LoadPlan {
  return loadPlan(url, model, { mix: { kind: "requests", requests: [exchangeOf(changes)] }, ...more });
}

const header = (head: string, name: string) =>
  new RegExp(`^${name}: (.*)$`, "im").exec(head.replaceAll("\r", ""))?.[1];
const opens = (socket: Socket, accept: string, more = "") =>
  socket.write(`${SWITCHING}Sec-WebSocket-Accept: ${accept}\r\n${more}\r\n`);
const HELLO = { messages: [expected({ text: "hello" })] };

/** Steps of one visit, all over WebSocket. */
function visit(...steps: readonly Partial<WebSocketRequest>[]): Pick<LoadPlan, "mix"> {
  const named = steps.map((changes, nth) => ({
    ...exchangeOf({ name: `step ${nth}`, ...changes }),
    thinkTimeMs: 0,
  }));
  return { mix: { kind: "journeys", journeys: [{ name: "visit", weight: 1, steps: named }] } };
}

describe("cookies", () => {
  test("those of a handshake's answer go out with the next one of the same user, by their paths", async () => {
    const heads: { readonly path: string; readonly cookie: string | undefined }[] = [];
    let nth = 0;
    const server = await serverThat((path) => ({
      onHandshake: (socket, accept, head) => {
        heads.push({ path, cookie: header(head, "cookie") });
        const set = `Set-Cookie: sid=s${++nth}; HttpOnly\r\nset-cookie: area=shop; Path=/shop\r\nSet-Cookie: foreign=1; Domain=example.com\r\n`;
        opens(socket, accept, path === "/login" ? set : "");
        socket.write(serverFrame(1, Buffer.from("hello")));
      },
    }));
    const plan = loadPlan(server.url, closedModel(3), {
      session: { cookies: true, follow: 0 },
      ...visit(
        { ...HELLO, path: "/login" },
        { ...HELLO, path: "/shop/feed", headers: { cookie: "own=1" } },
        { ...HELLO, path: "/feed" },
      ),
    });
    const { reasons } = await runLoadUntil(plan, () => heads.length > 40);
    expect(reasons).toEqual({});
    const at = (wanted: string) => heads.filter(({ path }) => path === wanted).map(({ cookie }) => cookie);
    expect(new Set(at("/login"))).toEqual(new Set([undefined]));
    for (const cookie of at("/shop/feed")) {
      expect(cookie?.split("; ").sort()).toEqual(["area=shop", "own=1", expect.stringMatching(/^sid=s\d+$/)]);
    }
    for (const cookie of at("/feed")) expect(cookie).toMatch(/^sid=s\d+$/);
    // Each user has its own.
    expect(new Set(at("/feed")).size).toBe(at("/feed").length);
    expect(at("/feed").length).toBeGreaterThan(3);
  });

  test("a kept connection stays that of the user for whom its handshake brought cookies", async () => {
    const opened: string[] = [];
    const server = await serverThat(() => ({
      onHandshake: (socket, accept) => {
        opened.push("");
        opens(socket, accept, `Set-Cookie: sid=s${opened.length}\r\n`);
      },
      onMessage: (to, payload) => to.frame(1, payload),
    }));
    const step = { keepsConnection: true };
    const plan = loadPlan(server.url, closedModel(1, 5), {
      session: { cookies: true, follow: 0 },
      ...visit(step, step),
    });
    const { requests, connectionsOpened } = await runLoadUntil(plan, () => opened.length > 4);
    const [first, second] = requests.map(totals);
    expect(second!.ok).toBe(second!.scheduled);
    // Both steps of a user go over one connection, and the next user opens another.
    expect(connectionsOpened).toBe(first!.scheduled);
    expect(server.messages).toHaveLength(first!.ok + second!.ok);
  });

  test("without the key nothing is kept", async () => {
    const cookies: (string | undefined)[] = [];
    const server = await serverThat(() => ({
      onHandshake: (socket, accept, head) => {
        cookies.push(header(head, "cookie"));
        opens(socket, accept, "Set-Cookie: a=1\r\n");
        socket.write(serverFrame(1, Buffer.from("hello")));
      },
    }));
    const plan = loadPlan(server.url, closedModel(1), visit(HELLO, { ...HELLO, path: "/other" }));
    await runLoadUntil(plan, () => cookies.length > 4);
    expect(new Set(cookies)).toEqual(new Set([undefined]));
  });
});

/** A site with a login, pages, and a feed that only lets in who has logged in. */
async function startSite() {
  const seen = { logins: 0, pages: [] as (string | undefined)[], feeds: [] as (string | undefined)[] };
  const server = createServer((request, response) => {
    if (request.url === "/login") {
      seen.logins += 1;
      response.setHeader("set-cookie", `sid=s${seen.logins}`);
      response.end(`{"token":"t${seen.logins}"}`);
      return;
    }
    seen.pages.push(request.headers.cookie);
    response.end("page");
  });
  server.on("upgrade", (request, socket: Socket) => {
    const { cookie, authorization } = request.headers;
    seen.feeds.push(cookie);
    socket.on("error", () => {});
    const [, nth] = /^sid=s(\d+)/.exec(cookie ?? "") ?? [];
    if (authorization !== `Bearer t${nth}`) {
      socket.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
      return;
    }
    const key = `${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    opens(socket, createHash("sha1").update(key).digest("base64"), `Set-Cookie: seen=${nth}\r\n`);
    socket.write(serverFrame(1, Buffer.from("welcome")));
    socket.on("data", () => socket.end());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  // Listening on a port, so an address is an object.
  return { seen, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

test("a login over HTTP lets exchanges in by its cookie and its token, and pages have what the handshake set", async () => {
  const { seen, url } = await startSite();
  const text = `faultline: 1
name: Site
load:
  target: ${url}
  connections: 3
  thinkTime: 10ms
  cookies: true
  login: { name: login, method: POST, path: /login, once: user, capture: { token: { json: $.token } } }
  headers: { authorization: "Bearer \${capture.token}" }
  journeys:
    - name: visit
      steps:
        - { name: feed, websocket: { path: /feed, messages: [{ expect: { text: welcome } }] } }
        - { name: page, path: /page }
slos: [availability >= 99%]
`;
  const cwd = folderWith({ "scenario.yaml": text });
  const { plan, diagnostics } = await checkAndPlan("scenario.yaml", { env: {}, cwd });
  expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  expect(diagnostics.filter(({ message }) => /go without/.test(message))).toEqual([]);
  const measured = await runLoadUntil(plan!.load, () => seen.pages.length > 8);
  expect(measured.reasons).toEqual({});
  const [login, feed, page] = measured.requests.map(totals);
  expect(seen.logins).toBe(login!.ok);
  expect(seen.feeds).toHaveLength(feed!.ok);
  expect(page!.ok).toBe(page!.scheduled);
  for (const cookie of seen.feeds) expect(cookie).toMatch(/^sid=s\d+$/);
  for (const cookie of seen.pages) {
    const [, sid, own] = /^sid=s(\d+); seen=(\d+)$/.exec(cookie ?? "") ?? [];
    expect(own, cookie).toBe(sid);
  }
});

test("a handshake that is answered 401 ends a login over WebSocket, and whoever comes next logs in anew", async () => {
  let logins = 0;
  const server = await serverThat((path) => ({
    onHandshake: (socket, accept, head) => {
      const isGood = path === "/login" || header(head, "authorization") === `Bearer t${logins}`;
      if (isGood) opens(socket, accept);
      else socket.end("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n");
    },
    onMessage: (to) => to.text(path === "/login" ? `{"token":"t${++logins}"}` : "hello"),
  }));
  const login = exchangeOf({
    name: "login",
    path: "/login",
    messages: [
      sent("ann"),
      expected({}, { capture: [{ name: "token", from: { kind: "json", path: "$.token" } }] }),
    ],
  });
  const feed = exchangeOf({ headers: { authorization: "Bearer ${capture.token}" } });
  const plan = loadPlan(server.url, closedModel(1, 5), {
    mix: {
      kind: "requests",
      requests: [feed],
      login: { ...login, isLogin: true, once: "run", refreshBeforeMs: 0, lifetimeMs: null },
    },
  });
  const measured = await runLoadUntil(plan, () => {
    if (server.messages.length >= 10 && logins === 1) logins = 100;
    return server.messages.length > 20;
  });
  const [first, second] = measured.requests.map(totals);
  expect(first).toMatchObject({ scheduled: 2, ok: 2 });
  expect(second).toMatchObject({ http_error: 1, ok: second!.scheduled - 1 });
  expect(measured.reasons).toEqual({ "status 401 to the WebSocket handshake": 1 });
});

test("a login over WebSocket brings its cookies to all who share it, and what they get later is their own", async () => {
  let logins = 0;
  const cookies: (string | undefined)[] = [];
  const server = await serverThat((path) => ({
    onHandshake: (socket, accept, head) => {
      if (path === "/login") logins += 1;
      else cookies.push(header(head, "cookie"));
      const set = path === "/login" ? `sid=s${logins}` : `seen=${cookies.length}`;
      opens(socket, accept, `Set-Cookie: ${set}\r\n`);
      socket.write(serverFrame(1, Buffer.from("hello")));
    },
  }));
  const login = exchangeOf({ ...HELLO, name: "login", path: "/login" });
  const steps = ["/a", "/b"].map((path) => ({
    ...exchangeOf({ ...HELLO, name: path, path }),
    thinkTimeMs: 0,
  }));
  const plan = loadPlan(server.url, closedModel(2, 5), {
    session: { cookies: true, follow: 0 },
    mix: {
      kind: "journeys",
      journeys: [{ name: "visit", weight: 1, steps }],
      login: { ...login, isLogin: true, once: "user", refreshBeforeMs: 0, lifetimeMs: null },
    },
  });
  const { reasons, requests } = await runLoadUntil(plan, () => cookies.length > 20);
  expect(reasons).toEqual({});
  expect(logins).toBe(2);
  for (const cookie of cookies) expect(cookie).toMatch(/^sid=s[12](; seen=\d+)?$/);
  const [, , second] = requests.map(totals);
  expect(cookies.filter((cookie) => cookie?.includes("seen"))).toHaveLength(second!.scheduled);
});

oneByOne("statuses of handshakes are counted as those of any answer", async () => {
  const server = await serverThat((path) => ({
    onHandshake: (socket) =>
      socket.end(`HTTP/1.1 ${path.slice(1)} Whatever\r\nContent-Length: 0\r\nRetry-After: 1\r\n\r\n`),
  }));
  const statuses = [401, 403, 429, 503];
  const requests = statuses.map((status) => exchangeOf({ name: String(status), path: `/${status}` }));
  const plan = loadPlan(server.url, closedModel(4, 5), { mix: { kind: "requests", requests } });
  const measured = await runLoadUntil(plan, () => server.handshakes.length > 40);
  for (const [nth, status] of statuses.entries()) {
    const counts = totals(measured.requests[nth]!);
    expect(counts.http_error).toBe(counts.scheduled);
    expect(counts.scheduled).toBe(server.handshakes.filter((path) => path === `/${status}`).length);
    expect(measured.requests[nth]?.statuses).toEqual({ [status]: { answers: counts.scheduled, ok: 0 } });
    expect(measured.reasons[`status ${status} to the WebSocket handshake`]).toBe(counts.scheduled);
  }
});

const ANN = { username: "ann", password: "s3cret" };

describe("authentication", () => {
  test("name and password go with the handshake", async () => {
    const seen: (string | undefined)[] = [];
    const server = await serverThat(() => ({
      onHandshake: (socket, accept, head) => {
        seen.push(header(head, "authorization"));
        opens(socket, accept);
        socket.write(serverFrame(1, Buffer.from("hello")));
      },
    }));
    const basic = { username: "${data.users.name}", password: "pass:${data.users.name}" };
    const more = { feeds: [feedOf("users", "round-robin", [{ name: "Zoë" }])] };
    await runLoadUntil(
      planFor(server.url, closedModel(2, 5), { ...HELLO, basic }, more),
      () => seen.length > 5,
    );
    const value = Buffer.from("Zoë:pass:Zoë").toString("base64");
    expect(new Set(seen)).toEqual(new Set([`Basic ${value}`]));
  });

  const KINDS: readonly (readonly [DigestServerOptions, boolean])[] = [
    [{}, false],
    [{ algorithm: "SHA-256-sess" }, false],
    [{ qop: false }, true],
    [{ cookie: "session=1" }, true],
  ];
  for (const [options, keepsConnection] of KINDS)
    test(`a challenge of Digest is answered: ${JSON.stringify(options)}, kept: ${keepsConnection}`, async () => {
      const server = await startDigestServer(options);
      onTestFinished(() => server.close());
      const changes = { path: "/feed?page=${uuid}", digest: ANN, keepsConnection };
      const plan = planFor(server.url.replace("http", "ws"), closedModel(3, 5), changes, {
        session: { cookies: true, follow: 1 },
        mix: {
          kind: "requests",
          requests: [exchangeOf({ ...changes, messages: keepsConnection ? [] : HELLO.messages })],
        },
      });
      const measured = await runLoadUntil(plan, () => server.told.ok > 15);
      const counts = totals(measured.all);
      expect(measured.reasons).toEqual({});
      expect(counts.ok).toBe(counts.scheduled);
      expect(server.told.wrong).toEqual([]);
      expect(server.told.ok).toBe(counts.ok);
      // Each place has a nonce of its own, whichever connections it opens.
      expect(server.told.challenges).toBe(3);
      expect(sum(measured.all.redirects ?? [])).toBe(3);
      expect(measured.requests[0]?.statuses).toEqual({ 101: { answers: counts.ok, ok: counts.ok } });
    });

  test("a wrong password is asked about once, and stale nonces are answered", async () => {
    const [wrong, stale] = [await startDigestServer(), await startDigestServer({ usesOfNonce: 4 })];
    for (const server of [wrong, stale]) onTestFinished(() => server.close());
    const url = (server: { readonly url: string }) => server.url.replace("http", "ws");
    const guess = { digest: { ...ANN, password: "guess" }, ...HELLO };
    const guessed = await runLoadUntil(
      planFor(url(wrong), openModel(50), guess),
      () => wrong.told.wrong.length > 5,
    );
    expect(guessed.reasons).toEqual({
      "status 401 to the WebSocket handshake": totals(guessed.all).scheduled,
    });
    expect(wrong.told.requests).toBe(2 * totals(guessed.all).scheduled);
    const known = await runLoadUntil(
      planFor(url(stale), closedModel(2, 5), { digest: ANN, ...HELLO }),
      () => stale.told.stale > 3,
    );
    expect(totals(known.all).ok).toBe(totals(known.all).scheduled);
    expect(stale.told.wrong).toEqual([]);
  });
});

oneByOne("a scenario says who sends handshakes, once for all or beside one of them", async () => {
  const text = `faultline: 1
name: Feeds
load:
  target: ws://127.0.0.1:1
  rate: 1/s
  auth: { digest: { username: ann, password: s3cret } }
  requests:
    - { name: all, websocket: { path: /a } }
    - { name: own, websocket: { path: /b }, auth: { basic: { username: bob, password: "\${seq}" } } }
    - { name: plain, websocket: { path: /c }, auth: { basic: { username: bob, password: x } } }
    - { name: none, websocket: { path: /d }, auth: none }
    - { name: header, websocket: { path: /e, headers: { Authorization: Bearer y } } }
slos: [availability >= 99%]
`;
  const cwd = folderWith({ "scenario.yaml": text });
  const { plan, diagnostics } = await checkAndPlan("scenario.yaml", { env: {}, cwd });
  expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  const { mix } = plan!.load;
  const planned =
    mix.kind === "requests"
      ? mix.requests.flatMap((request) => (isWebSocketRequest(request) ? [request] : []))
      : [];
  expect(planned.map(({ headers, basic = null, digest = null }) => ({ headers, basic, digest }))).toEqual([
    { headers: {}, basic: null, digest: ANN },
    { headers: {}, basic: { username: "bob", password: "${seq}" }, digest: null },
    {
      headers: { Authorization: `Basic ${Buffer.from("bob:x").toString("base64")}` },
      basic: null,
      digest: null,
    },
    { headers: {}, basic: null, digest: null },
    { headers: { Authorization: "Bearer y" }, basic: null, digest: null },
  ]);
});

describe("redirects", () => {
  const led = (socket: Socket, location: string, status = 302) =>
    socket.end(`HTTP/1.1 ${status} Found\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`);
  const FOLLOW = { session: { cookies: true, follow: 2 } };

  for (const scheme of ["", "ws://", "HTTP://"])
    test(`a handshake goes to where its answer leads, and its cookies with it: ${scheme || "a path"}`, async () => {
      const cookies: (string | undefined)[] = [];
      const server = await serverThat((path) => ({
        onHandshake: (socket, accept, head) => {
          if (path === "/feed") {
            const to = scheme === "" ? "/v2/feed?x=1" : `${scheme}127.0.0.1:${server.port}/v2/feed?x=1`;
            socket.end(
              `HTTP/1.1 307 Moved\r\nlocation: ${to}\r\nSet-Cookie: moved=1\r\nContent-Length: 0\r\n\r\n`,
            );
            return;
          }
          cookies.push(header(head, "cookie"));
          opens(socket, accept);
          socket.write(serverFrame(1, Buffer.from("hello")));
        },
      }));
      const plan = planFor(server.url, closedModel(2, 5), HELLO, FOLLOW);
      const { all, reasons, connectionsOpened } = await runLoadUntil(plan, () => cookies.length > 8);
      const counts = totals(all);
      expect(reasons).toEqual({});
      expect(counts.ok).toBe(counts.scheduled);
      expect(sum(all.redirects ?? [])).toBe(counts.scheduled);
      expect(connectionsOpened).toBe(2 * counts.scheduled);
      expect(server.handshakes.filter((path) => path === "/v2/feed?x=1")).toHaveLength(counts.ok);
      expect(new Set(cookies)).toEqual(new Set(["moved=1"]));
    });

  test("loops, other places, too many and none at all are errors by name", async () => {
    const server = await serverThat((path) => ({
      onHandshake: (socket) => {
        if (path === "/loop") led(socket, "/loop");
        else if (path === "/away") led(socket, "ws://192.0.2.1/feed");
        else if (path === "/none") socket.end("HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n");
        else led(socket, `/far${path.length}${path}`);
      },
    }));
    const requests = ["loop", "away", "none", "far"].map((name) => exchangeOf({ name, path: `/${name}` }));
    const plan = loadPlan(server.url, closedModel(4, 5), { mix: { kind: "requests", requests }, ...FOLLOW });
    const { all, reasons } = await runLoadUntil(plan, () => server.handshakes.length > 60);
    expect(totals(all).http_error).toBe(totals(all).scheduled);
    expect(Object.keys(reasons).sort()).toEqual([
      "more than 2 redirects",
      "redirect leads away from the target, to http://192.0.2.1",
      "redirect loop",
      "status 302 without a location",
    ]);
    expect(server.handshakes).toHaveLength(totals(all).scheduled + sum(all.redirects ?? []));
  });

  test("without follow they are answers", async () => {
    const server = await serverThat(() => ({ onHandshake: (socket) => led(socket, "/feed/v2") }));
    const plan = planFor(server.url, closedModel(2, 5));
    const { all, reasons } = await runLoadUntil(plan, () => server.handshakes.length > 8);
    expect(reasons).toEqual({ "status 302 to the WebSocket handshake": totals(all).scheduled });
    expect(server.handshakes).toHaveLength(totals(all).scheduled);
  });
});
