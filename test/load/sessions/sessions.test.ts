import type { ServerResponse } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import type { LoadPlan } from "../../../src/plan/load-plan.js";
import {
  closedModel,
  type HttpStep,
  loadPlan,
  openModel,
  request,
  runLoad,
  runLoadUntil,
  sum,
  totals,
} from "../../helpers/load-plans.js";
import { planChanges, type SiteRequest, startSite, VERSIONS, type Version } from "../../helpers/sites.js";

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

interface Asked {
  readonly method: string;
  readonly url: string;
  readonly cookie: string | undefined;
  readonly body: string;
  readonly type: string | undefined;
}

/** A server that writes down all that it was asked. */
async function startNoting(
  version: Version,
  answer: (asked: SiteRequest, response: ServerResponse, nth: number) => void,
) {
  const asked: Asked[] = [];
  const { url, down } = await startSite(version, (incoming, response) => {
    let body = "";
    incoming.on("data", (chunk) => {
      body += chunk;
    });
    incoming.on("end", () => {
      const { method = "", url: path = "", headers } = incoming;
      asked.push({ method, url: path, cookie: headers.cookie, body, type: headers["content-type"] });
      answer(incoming, response, asked.length);
    });
  });
  cleanups.push(down);
  return { url, asked };
}

function step(changes: Partial<HttpStep>): HttpStep {
  const { weight: _, ...spec } = request();
  return { ...spec, thinkTimeMs: 0, ...changes };
}

function visit(...steps: readonly HttpStep[]): Pick<LoadPlan, "mix"> {
  return { mix: { kind: "journeys", journeys: [{ name: "visit", weight: 1, steps }] } };
}

const COOKIES = { cookies: true, follow: 0 };
const FOLLOW = { cookies: false, follow: 3 };

describe.each(VERSIONS)("cookies over %s", (version) => {
  test("they go back as they came, beyond ASCII too", async () => {
    const site = await startNoting(version, (_, response) => {
      response.setHeader("set-cookie", Buffer.from("name=Zo\u00eb").toString("latin1"));
      response.end();
    });
    const steps = [step({ name: "first", path: "/first" }), step({ name: "second", path: "/second" })];
    const plan = loadPlan(site.url, closedModel(1), {
      ...planChanges(version),
      session: COOKIES,
      ...visit(...steps),
    });
    await runLoadUntil(plan, () => site.asked.length > 3);
    const [cookie = ""] = site.asked.flatMap((asked) =>
      asked.url === "/second" ? [asked.cookie ?? ""] : [],
    );
    expect(Buffer.from(cookie, "latin1").toString()).toBe("name=Zo\u00eb");
  });

  test("each virtual user keeps its own, with their paths, changes and ends", async () => {
    const site = await startNoting(version, ({ url = "" }, response, nth) => {
      if (url === "/login") {
        response.setHeader("set-cookie", [`sid=s${nth}; HttpOnly`, "area=shop; Path=/shop", "once=1"]);
      } else if (url === "/shop/basket") response.setHeader("set-cookie", "once=; Max-Age=0; Path=/");
      response.end();
    });
    const measured = await runLoadUntil(
      loadPlan(site.url, closedModel(3), {
        ...planChanges(version),
        session: COOKIES,
        ...visit(
          step({ name: "login", path: "/login" }),
          step({ name: "basket", path: "/shop/basket", headers: { cookie: "own=1" } }),
          step({ name: "page", path: "/page" }),
        ),
      }),
      () => site.asked.length > 40,
    );
    expect(measured.reasons).toEqual({});
    const at = (path: string) => site.asked.filter(({ url }) => url === path).map(({ cookie }) => cookie);
    // A new user begins without any.
    expect(new Set(at("/login"))).toEqual(new Set([undefined]));
    for (const cookie of at("/shop/basket")) {
      expect(cookie?.split("; ").sort()).toEqual([
        "area=shop",
        "once=1",
        "own=1",
        expect.stringMatching(/^sid=s\d+$/),
      ]);
    }
    for (const cookie of at("/page")) expect(cookie).toMatch(/^sid=s\d+$/);
    expect(new Set(at("/page")).size).toBe(at("/page").length);
    expect(at("/page").length).toBeGreaterThan(3);
  });

  test("those of other hosts, and what is no cookie, are not kept", async () => {
    const site = await startNoting(version, (_, response) => {
      response.setHeader("set-cookie", [
        "foreign=1; Domain=example.com",
        "suffix=1; Domain=com",
        "__Host-odd=1; Path=/x",
        "\u00ff\u00fe",
        "mine=1; Secure",
      ]);
      response.end();
    });
    const plan = loadPlan(site.url, closedModel(1), {
      ...planChanges(version),
      session: COOKIES,
      ...visit(step({ name: "one", path: "/one" }), step({ name: "two", path: "/two" })),
    });
    await runLoadUntil(plan, () => site.asked.length > 4);
    const sent = site.asked.filter(({ url }) => url === "/two").map(({ cookie }) => cookie);
    expect(new Set(sent)).toEqual(new Set(["mine=1"]));
  });

  test("without the key nothing is kept", async () => {
    const site = await startNoting(version, (_, response) => {
      response.setHeader("set-cookie", "a=1");
      response.end();
    });
    const plan = loadPlan(site.url, closedModel(1), {
      ...planChanges(version),
      ...visit(step({ name: "one" }), step({ name: "two" })),
    });
    await runLoadUntil(plan, () => site.asked.length > 4);
    expect(site.asked.length).toBeGreaterThan(4);
    expect(site.asked.every(({ cookie }) => cookie === undefined)).toBe(true);
  });
});

describe.each(VERSIONS)("redirects over %s", (version) => {
  /** Runs an open load against a site. Its own count of what it was asked is the truth. */
  async function follow(
    answer: Parameters<typeof startNoting>[1],
    changes: Partial<LoadPlan> = {},
    spec: Parameters<typeof request>[0] = {},
  ) {
    const site = await startNoting(version, answer);
    const mix = { kind: "requests", requests: [request({ path: "/start", ...spec })] } as const;
    const plan = loadPlan(site.url, openModel(50), {
      ...planChanges(version),
      session: FOLLOW,
      mix,
      ...changes,
    });
    const measured = await runLoad(plan, 400);
    const counts = totals(measured.all);
    expect(site.asked.length).toBe(counts.scheduled + sum(measured.all.redirects ?? []));
    return { site, measured, counts, redirects: sum(measured.all.redirects ?? []) };
  }

  test("each hop is counted, and the request ends with the last answer", async () => {
    const { site, counts, redirects, measured } = await follow(({ url = "" }, response) => {
      const next: Readonly<Record<string, string>> = {
        "/start": "next/one?a=b c",
        "/next/one?a=b%20c": "../end#top",
      };
      const location = next[url];
      response
        .writeHead(location === undefined ? 200 : 302, location === undefined ? {} : { location })
        .end();
    });
    expect(counts.ok).toBe(counts.scheduled);
    expect(redirects).toBe(2 * counts.scheduled);
    expect(new Set(site.asked.map(({ url }) => url))).toEqual(
      new Set(["/start", "/next/one?a=b%20c", "/end"]),
    );
    expect(measured.requests[0]?.statuses).toEqual({
      "200": { answers: counts.scheduled, ok: counts.scheduled },
      "302": { answers: redirects, ok: redirects },
    });
  });

  test.each([
    [303, "GET", ""],
    [302, "GET", ""],
    [301, "GET", ""],
    [307, "POST", "a=1"],
    [308, "POST", "a=1"],
  ])("after status %i a POST becomes a %s", async (status, method, body) => {
    const { site, counts } = await follow(
      ({ url }, response) =>
        response
          .writeHead(url === "/start" ? status : 200, url === "/start" ? { location: "/end" } : {})
          .end(),
      {},
      { method: "POST", body: "a=1", headers: { "content-type": "text/plain" } },
    );
    expect(counts.ok).toBe(counts.scheduled);
    const ends = site.asked.filter(({ url }) => url === "/end");
    expect(new Set(ends.map((each) => `${each.method} ${each.body} ${each.type ?? ""}`))).toEqual(
      new Set([`${method} ${body} ${body === "" ? "" : "text/plain"}`]),
    );
  });

  // Where a redirect leads is looked at by what both versions share.
  test.runIf(version === "HTTP/1.1").each<[string, string | null, string, number]>([
    ["back to itself", "/start", "redirect loop", 0],
    [
      "to another host",
      "http://example.com/x",
      "redirect leads away from the target, to http://example.com",
      0,
    ],
    ["to another port", "//127.0.0.1:1/x", "redirect leads away from the target, to http://127.0.0.1:1", 0],
    ["to a script", "javascript:alert(1)", "redirect leads away from the target, to javascript:", 0],
    ["nowhere", null, "status 302 without a location", 0],
    ["to no URL", "http://[", "redirect to what is no URL", 0],
  ])("a redirect %s is a failure with its reason", async (_, location, reason, hops) => {
    const { measured, counts, redirects } = await follow((_incoming, response) =>
      response.writeHead(302, location === null ? {} : { location }).end(),
    );
    expect(measured.reasons).toEqual({ [reason]: counts.scheduled });
    expect(redirects).toBe(hops);
  });

  test("more of them than are followed, and a ring of two, are failures", async () => {
    const endless = await follow(({ url = "" }, response) =>
      response.writeHead(302, { location: `/${url.length}${url}` }).end(),
    );
    expect(endless.measured.reasons).toEqual({ "more than 3 redirects": endless.counts.scheduled });
    expect(endless.redirects).toBe(3 * endless.counts.scheduled);
    const ring = await follow(({ url }, response) =>
      response.writeHead(302, { location: url === "/start" ? "/other" : "/start" }).end(),
    );
    expect(ring.measured.reasons).toEqual({ "redirect loop": ring.counts.scheduled });
  });

  test("a page that sets a cookie and sends its reader to itself is no loop", async () => {
    const { counts, redirects } = await follow(
      ({ headers }, response) => {
        if (headers.cookie === "seen=1") response.end();
        else response.writeHead(302, { location: "/start", "set-cookie": "seen=1" }).end();
      },
      { session: { cookies: true, follow: 3 } },
    );
    expect(counts.ok).toBe(counts.scheduled);
    expect(redirects).toBe(counts.scheduled);
  });

  test("a redirect that is expected is the answer", async () => {
    const { counts, redirects } = await follow(
      (_, response) => response.writeHead(302, { location: "/end" }).end(),
      {},
      { expect: { status: [302], headers: {}, body: null, json: {} } },
    );
    expect([counts.ok, redirects]).toEqual([counts.scheduled, 0]);
  });

  test.runIf(version === "HTTP/1.1")("each hop may close its connection", async () => {
    const closing = await follow(({ url }, response) =>
      response
        .writeHead(url === "/start" ? 302 : 200, {
          connection: "close",
          ...(url === "/start" ? { location: "/e" } : {}),
        })
        .end(),
    );
    expect(closing.counts.ok).toBe(closing.counts.scheduled);
  });

  test("the timeout is for all hops together", async () => {
    // Each answer comes well within the timeout, and the third one after it.
    const slow = await follow(
      ({ url = "" }, response) =>
        void setTimeout(() => response.writeHead(302, { location: `${url}x` }).end(), 400),
      { timeoutMs: 1_000, session: { cookies: false, follow: 20 } },
    );
    expect(slow.counts.timeout).toBe(slow.counts.scheduled);
  });

  test("requests that share a connection are followed as well", async () => {
    const { counts } = await follow(
      ({ url }, response) =>
        response.writeHead(url === "/start" ? 302 : 200, url === "/start" ? { location: "/e" } : {}).end(),
      { model: openModel(200, 2), pipelining: 2 },
    );
    expect(counts.ok).toBe(counts.scheduled);
  });
});
