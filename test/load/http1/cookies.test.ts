import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import type { Capture } from "../../../src/requests/http/http-request.js";
import { closedModel, type HttpStep, loadPlan, request, runLoad, totals } from "../../helpers/load-plans.js";

const fromCookies = (name: string, pattern: string): Capture => ({
  name,
  from: { kind: "header", header: "set-cookie", pattern },
});

function step(changes: Partial<HttpStep>): HttpStep {
  const { weight: _, ...spec } = request();
  return { ...spec, capture: [], thinkTimeMs: 0, ...changes };
}

/** Logs in by a form whose answer is a redirect with two cookies, as web frameworks do, and asks for a page with them. */
async function runLogin(capture: readonly Capture[]) {
  const urls: string[] = [];
  const server = createServer(({ url = "", headers }, response) => {
    urls.push(url);
    if (url === "/login") {
      const nth = urls.length;
      response.setHeader("set-cookie", [`csrf=c${nth}; Path=/`, `sid=s${nth}; HttpOnly; Path=/`]);
      response.writeHead(302, { location: "/welcome" }).end();
    } else {
      const [, session, token] = /^sid=s(\d+); csrf=c(\d+)$/.exec(headers.cookie ?? "") ?? [];
      response.writeHead(session !== undefined && session === token ? 200 : 403).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // Listening on a port, so an address is an object.
  const { port } = server.address() as AddressInfo;
  const cookie = "sid=${capture.sid}; csrf=${capture.csrf}";
  const steps = [
    step({
      name: "login",
      method: "POST",
      path: "/login",
      expect: { status: [302], headers: {}, body: null, json: {} },
      capture,
    }),
    step({ name: "page", path: "/page", headers: { cookie } }),
  ];
  const mix = { kind: "journeys", journeys: [{ name: "visit", weight: 1, steps }] } as const;
  try {
    const measured = await runLoad(loadPlan(`http://127.0.0.1:${port}`, closedModel(2), { mix }), 400);
    return { measured, counts: totals(measured.all), urls };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

test("a session cookie is taken out of several Set-Cookie headers and sent with the next step", async () => {
  const { measured, counts, urls } = await runLogin([
    fromCookies("sid", "sid=([^;]+)"),
    fromCookies("csrf", "csrf=([^;]+)"),
  ]);
  expect(measured.reasons).toEqual({});
  expect(counts.ok).toBe(counts.scheduled);
  expect(urls.filter((url) => url === "/page").length).toBeGreaterThan(5);
});

test("a redirect that is expected is a good answer and is not followed", async () => {
  const { urls } = await runLogin([fromCookies("sid", "sid=([^;]+)"), fromCookies("csrf", "csrf=([^;]+)")]);
  expect(new Set(urls)).toEqual(new Set(["/login", "/page"]));
});

test("a header in which the pattern finds nothing ends the journey, with its reason", async () => {
  const { measured, counts, urls } = await runLogin([fromCookies("sid", "session=([^;]+)")]);
  expect(measured.reasons).toEqual({ "capture sid found nothing": counts.scheduled });
  expect(new Set(urls)).toEqual(new Set(["/login"]));
});
