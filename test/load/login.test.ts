import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { LIFETIME, type LoadModel, type LoadPlan, type LoginPlan } from "../../src/plan/load-plan.js";
import type { HttpRequest } from "../../src/requests/http/http-request.js";
import { closedModel, loadPlan, request, runLoadUntil, totals } from "../helpers/load-plans.js";

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

interface Shop {
  readonly url: string;
  /** Tokens in the order in which they were given. */
  readonly given: string[];
  /** Those that requests brought. */
  readonly used: string[];
  logins: number;
}

/** Gives tokens t1, t2 … and answers requests that bring one with 200. */
async function startShop(
  token: (response: ServerResponse, name: string, nth: number) => void,
  quote: (incoming: IncomingMessage, response: ServerResponse) => void = (_, response) => response.end(),
): Promise<Shop> {
  const shop = { url: "", given: [] as string[], used: [] as string[], logins: 0 };
  const server = createServer((incoming, response) => {
    if (incoming.url === "/token") {
      shop.logins += 1;
      const name = `t${shop.logins}`;
      shop.given.push(name);
      token(response, name, shop.logins);
    } else {
      shop.used.push(incoming.headers.authorization ?? incoming.headers.cookie ?? "none");
      quote(incoming, response);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanups.push(() => {
    server.closeAllConnections();
    server.close();
  });
  // Listening on a port, so an address is an object.
  shop.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return shop;
}

function login(changes: Partial<LoginPlan & HttpRequest> = {}): LoginPlan & HttpRequest {
  const { weight: _, ...spec } = request({ name: "token", method: "POST", path: "/token" });
  return {
    ...spec,
    isLogin: true,
    once: "run",
    refreshBeforeMs: 0,
    lifetimeMs: null,
    capture: [{ name: "token", from: { kind: "json", path: "$.token" } }],
    ...changes,
  };
}

async function run(
  shop: Shop,
  planned: LoginPlan,
  model: LoadModel,
  changes: Partial<LoadPlan> = {},
  isEnough: () => boolean = () => shop.used.length >= 60,
) {
  const quote = request({
    name: "quote",
    path: "/quote",
    headers: { authorization: "Bearer ${capture.token}" },
  });
  const mix = { kind: "requests", requests: [quote], login: planned } as const;
  const plan = loadPlan(shop.url, model, { mix, ...changes });
  const measured = await runLoadUntil(plan, isEnough);
  const of = (name: string) => {
    const found = measured.requests.find((each) => each.request === name);
    return found && { ...totals(found), reasons: found.reasons };
  };
  expect(of("token")?.scheduled).toBe(shop.logins);
  expect(of("quote")?.scheduled ?? 0).toBe(shop.used.length);
  return { token: of("token"), quote: of("quote") };
}

const give = (response: ServerResponse, token: string) => response.end(JSON.stringify({ token, ends: 0.3 }));

test("one login is used by all who come after it", async () => {
  const shop = await startShop(give);
  const { quote } = await run(shop, login(), closedModel(3, 5));
  expect(quote?.ok).toBe(quote?.scheduled);
  // Each may have begun before the first answer.
  expect(shop.logins).toBeLessThanOrEqual(3);
  const [last = ""] = shop.used.slice(-1);
  expect(shop.used.slice(-10)).toEqual(Array(10).fill(last));
});

test("each connection of the closed model has its own", async () => {
  const shop = await startShop(give);
  const { quote } = await run(shop, login({ once: "user" }), closedModel(3, 5));
  expect(shop.logins).toBe(3);
  expect(new Set(shop.used)).toEqual(new Set(["Bearer t1", "Bearer t2", "Bearer t3"]));
  expect(quote?.ok).toBe(quote?.scheduled);
});

test.each<[string, Partial<LoginPlan & HttpRequest>]>([
  ["given", { lifetimeMs: 300 }],
  [
    "in its answer",
    {
      capture: [
        { name: "token", from: { kind: "json", path: "$.token" } },
        { name: LIFETIME, from: { kind: "json", path: "$.ends" } },
      ],
    },
  ],
])("it is made anew before its end, which is %s", async (_, lifetime) => {
  const shop = await startShop(give);
  const { quote } = await run(
    shop,
    login({ refreshBeforeMs: 100, ...lifetime }),
    closedModel(1, 5),
    {},
    () => shop.logins >= 4,
  );
  expect(shop.logins).toBeGreaterThanOrEqual(4);
  expect(quote?.ok).toBe(quote?.scheduled);
  expect(new Set(shop.used).size).toBe(shop.logins);
});

test("one that cannot be renewed is used to its end, and then nobody has one", async () => {
  const shop = await startShop((response, name, nth) => {
    if (nth > 1) response.writeHead(503).end();
    else give(response, name);
  });
  const { token, quote } = await run(
    shop,
    login({ lifetimeMs: 2_000, refreshBeforeMs: 1_900 }),
    closedModel(1, 10),
    {},
    () => shop.used.length > 5 && shop.logins > shop.used.length + 10,
  );
  // The first one is tried again from 100 ms on, and each user goes on with it.
  expect(token?.ok).toBe(1);
  expect(token?.reasons).toEqual({ "status 503": token?.http_error });
  expect(quote?.ok).toBe(quote?.scheduled);
  expect(new Set(shop.used)).toEqual(new Set(["Bearer t1"]));
  expect(quote?.scheduled).toBeGreaterThan(5);
  // After its end there were only tries to log in.
  expect(token?.http_error).toBeGreaterThan(quote?.scheduled ?? 0);
});

test("an answer with status 401 ends it", async () => {
  const shop: Shop = await startShop(give, (incoming, response) => {
    // Each token is good for five requests, whatever its own end.
    const uses = shop.used.filter((used) => used === incoming.headers.authorization).length;
    response.writeHead(uses > 5 ? 401 : 200).end();
  });
  const { quote } = await run(shop, login(), closedModel(1, 5), {}, () => shop.logins > 3);
  expect(quote?.http_error).toBeGreaterThanOrEqual(shop.logins - 1);
  expect(quote?.ok).toBeGreaterThanOrEqual(5 * (shop.logins - 1));
});

test("cookies that it brought are those of all, and what users get later is their own", async () => {
  let carts = 0;
  const shop = await startShop(
    (response, name) => response.writeHead(200, { "set-cookie": `sid=${name}` }).end(),
    (_, response) => {
      carts += 1;
      response.writeHead(200, { "set-cookie": `cart=${carts}` }).end();
    },
  );
  const planned = login({ capture: [] });
  const quote = request({ name: "quote", path: "/quote" });
  const mix = { kind: "requests", requests: [quote], login: planned } as const;
  await run(shop, planned, closedModel(1, 5), { mix, session: { cookies: true, follow: 0 } });
  expect(shop.logins).toBe(1);
  expect(new Set(shop.used)).toEqual(new Set(["sid=t1"]));
});

test("who cannot renew the login goes on with its cookies", async () => {
  const shop = await startShop((response, name, nth) => {
    if (nth > 1) response.writeHead(503).end();
    else response.writeHead(200, { "set-cookie": `sid=${name}` }).end();
  });
  const planned = login({ capture: [], lifetimeMs: 60_000, refreshBeforeMs: 59_900 });
  const mix = {
    kind: "requests",
    requests: [request({ name: "quote", path: "/quote" })],
    login: planned,
  } as const;
  const session = { cookies: true, follow: 0 };
  await run(shop, planned, closedModel(1, 10), { mix, session }, () => shop.logins > 5);
  expect(new Set(shop.used)).toEqual(new Set(["sid=t1"]));
});

test("the cookies of a degraded login are those of all, too", async () => {
  const shop = await startShop((response, name) =>
    response.writeHead(203, { "set-cookie": `sid=${name}` }).end(),
  );
  const degraded = { status: [203], headers: {}, body: null, json: {} };
  const planned = login({ capture: [], degraded });
  const mix = {
    kind: "requests",
    requests: [request({ name: "quote", path: "/quote" })],
    login: planned,
  } as const;
  await run(shop, planned, closedModel(1, 5), { mix, session: { cookies: true, follow: 0 } });
  expect(shop.logins).toBe(1);
  expect(new Set(shop.used)).toEqual(new Set(["sid=t1"]));
});

test("no answer to a login is kept as a sample", async () => {
  const shop = await startShop((response) => response.writeHead(500).end('{"token":"s3cret"}'));
  const quote = request({ name: "quote", path: "/quote" });
  const mix = { kind: "requests", requests: [quote], login: login() } as const;
  const measured = await runLoadUntil(loadPlan(shop.url, closedModel(1, 5), { mix }), () => shop.logins > 3);
  expect(measured.reasons).toHaveProperty(["status 500"]);
  expect(JSON.stringify(measured)).not.toContain("s3cret");
});
