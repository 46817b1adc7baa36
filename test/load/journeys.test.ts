import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import type { LoadModel } from "../../src/plan/load-plan.js";
import type { Expectation } from "../../src/requests/answers/expectation.js";
import {
  closedModel,
  type HttpStep,
  loadPlan,
  openModel,
  request,
  runLoadUntil,
  sum,
  totals,
} from "../helpers/load-plans.js";

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

/** Takes orders and answers how far each is. `look`: how often it was asked for an order, counting from 1. */
async function startShop(state: (look: number, response: ServerResponse, order: number) => void) {
  let orders = 0;
  let asked = 0;
  const looks = new Map<string, number>();
  const server = createServer(({ url = "", method }, response) => {
    asked += 1;
    if (method === "POST") {
      orders += 1;
      response.writeHead(202, { location: `/orders/${orders}` }).end();
    } else {
      const look = (looks.get(url) ?? 0) + 1;
      looks.set(url, look);
      if (url === "/thanks") response.end();
      else state(look, response, Number(url.split("/").at(-1)));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanups.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    // Listening on a port, so an address is an object.
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: () => asked,
    looks,
  };
}

const step = (changes: Partial<HttpStep>): HttpStep => {
  const { weight: _, ...spec } = request();
  return { ...spec, thinkTimeMs: 0, ...changes };
};
const holds = (json: Expectation["json"]): Expectation => ({ status: [200], headers: {}, body: null, json });

const DONE = { asksAgain: { everyMs: 20, withinMs: 5_000 }, until: holds({ "$.state": "done" }) };

type Shop = Awaited<ReturnType<typeof startShop>>;

/** An order, a look at it until it is done, and one more step. */
async function runSaga(
  state: Parameters<typeof startShop>[0],
  settled: Partial<HttpStep> = DONE,
  model: LoadModel = openModel(30),
  thinkTimeMs = 0,
  isEnough: (shop: Shop) => boolean = ({ looks }) => (looks.get("/thanks") ?? 0) >= 10,
) {
  const shop = await startShop(state);
  const where = { name: "where", from: { kind: "header", header: "location", pattern: null } } as const;
  const steps = [
    step({ name: "order", method: "POST", path: "/orders", capture: [where], thinkTimeMs }),
    step({ name: "settled", path: "${capture.where}", ...settled }),
    step({ name: "thanks", path: "/thanks" }),
  ];
  const mix = { kind: "journeys", journeys: [{ name: "saga", weight: 1, steps }] } as const;
  const plan = loadPlan(shop.url, model, { mix });
  const measured = await runLoadUntil(plan, () => isEnough(shop));
  const series = (name: string) => {
    const found = [...measured.requests, ...(measured.timed ?? [])].find((each) => each.request === name);
    return found ? { ...totals(found), reasons: found.reasons ?? {}, times: found.histograms.latency } : null;
  };
  // What is longer than a request is no request more.
  expect(sum(measured.requests.map((each) => totals(each).scheduled))).toBe(totals(measured.all).scheduled);
  expect(shop.asked()).toBe(totals(measured.all).scheduled);
  return { shop, measured, series };
}

const json = (response: ServerResponse, state: string) => response.end(JSON.stringify({ state }));

describe("a step that is asked again until it holds", () => {
  test.each<[string, LoadModel]>([
    ["open", openModel(30)],
    ["closed", closedModel(3)],
  ])("goes on then, and each look is a request (%s model)", async (_, model) => {
    const { series, shop, measured } = await runSaga(
      (look, response) => json(response, look < 3 ? "pending" : "done"),
      DONE,
      model,
    );
    expect(measured.reasons).toEqual({});
    const [saga, wait, settled, thanks] = [
      series("saga"),
      series("until settled"),
      series("settled"),
      series("thanks"),
    ];
    expect(wait?.ok).toBeGreaterThan(5);
    expect(wait?.ok).toBe(wait?.scheduled);
    // One wait for each journey that went on, and three looks for each of them.
    expect(thanks?.scheduled).toBeLessThanOrEqual(wait?.ok ?? 0);
    expect(saga?.ok).toBe(thanks?.ok);
    expect([...shop.looks].filter(([url, looks]) => url !== "/thanks" && looks > 3)).toEqual([]);
    expect(settled?.scheduled).toBeGreaterThanOrEqual(3 * (wait?.ok ?? 0));
    expect(settled?.ok).toBe(settled?.scheduled);
    // Two pauses of 20 ms lie in each wait, and each wait in its journey.
    expect(wait?.times.atRankUs(1)).toBeGreaterThanOrEqual(39_900);
    expect(saga?.times.atRankUs(1)).toBeGreaterThanOrEqual(39_900);
  });

  test("failures on the way are counted, and asked again", async () => {
    const { series, measured } = await runSaga((look, response) => {
      if (look === 1) response.writeHead(503).end();
      else if (look === 2) response.destroy();
      else json(response, "done");
    });
    const [wait, settled] = [series("until settled"), series("settled")];
    expect(wait?.ok).toBe(wait?.scheduled);
    expect(wait?.ok).toBeGreaterThan(5);
    expect(settled?.http_error).toBeGreaterThanOrEqual(wait?.ok ?? 0);
    expect(settled?.reset).toBeGreaterThanOrEqual(wait?.ok ?? 0);
    expect(Object.keys(measured.reasons)).toContain("status 503");
  });

  test("ends as a failure with its reason when its time is over, and so does the journey", async () => {
    const { series } = await runSaga(
      (_, response) => json(response, "pending"),
      { ...DONE, asksAgain: { everyMs: 50, withinMs: 120 } },
      openModel(30),
      0,
      (shop) => shop.asked() >= 60,
    );
    const reason = 'not within 120 ms: json $.state: expected "done", found "pending"';
    const [wait, saga, settled] = [series("until settled"), series("saga"), series("settled")];
    expect(wait?.http_error).toBe(wait?.scheduled);
    expect(wait?.reasons).toEqual({ [reason]: wait?.scheduled });
    expect(saga?.reasons).toEqual({ [`settled: ${reason}`]: wait?.scheduled });
    expect(settled?.http_error).toBe(wait?.scheduled);
    expect(series("thanks")).toBeNull();
  });

  test("another status that is good does not hold, and captures wait for the answer that does", async () => {
    const { series, measured } = await runSaga(
      (look, response) => {
        if (look < 2) response.writeHead(404).end();
        else json(response, "done");
      },
      {
        ...DONE,
        expect: { status: [200, 404], headers: {}, body: null, json: {} },
        capture: [{ name: "state", from: { kind: "json", path: "$.state" } }],
      },
    );
    expect(measured.reasons).toEqual({});
    expect(series("until settled")?.ok).toBeGreaterThan(5);
  });
});

test("a journey's time leaves out the user's own think time, and a step that fails ends it", async () => {
  const { series, measured } = await runSaga(
    (_, response, order) => {
      if (order % 2 === 0) response.writeHead(500).end();
      else response.end();
    },
    {},
    openModel(30),
    3_000,
  );
  const saga = series("saga");
  expect(saga?.http_error).toBeGreaterThan(3);
  expect(saga?.reasons).toEqual({ "settled: status 500": saga?.http_error });
  // "thanks" is no order, and is good. The think time alone is 3 s.
  expect(saga?.ok).toBe(series("thanks")?.ok);
  expect(saga?.times.atRankUs(1)).toBeLessThan(3_000_000);
  expect(measured.timed?.map(({ request: name }) => name)).toEqual(["saga"]);
});
