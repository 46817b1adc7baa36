import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { closedModel, loadPlan, request, runLoad, sum, totals } from "../../helpers/load-plans.js";

async function measure(
  answer: RequestListener,
  mix = [request()],
  plan: Parameters<typeof loadPlan>[2] = {},
  durationMs = 300,
) {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // Listening on a port, so an address is an object.
  const { port } = server.address() as AddressInfo;
  try {
    const requests = { kind: "requests", requests: mix } as const;
    return await runLoad(
      loadPlan(`http://127.0.0.1:${port}`, closedModel(2), { mix: requests, ...plan }),
      durationMs,
    );
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

test("a redirect is no good answer where the scenario does not say so, and 304 is one", async () => {
  const redirects = await measure((_, response) => response.writeHead(302, { location: "/login" }).end());
  const { ok, http_error, scheduled } = totals(redirects.all);
  expect(scheduled).toBeGreaterThan(0);
  expect({ ok, http_error }).toEqual({ ok: 0, http_error: scheduled });
  expect(redirects.reasons).toEqual({ "status 302, expected 2xx or 304": scheduled });

  const unchanged = totals((await measure((_, response) => response.writeHead(304).end())).all);
  expect(unchanged.ok).toBe(unchanged.scheduled);
});

test("answers are counted by request name and status, and how many of each were good", async () => {
  const measured = await measure(
    ({ url }, response) => response.writeHead(url === "/home" ? 200 : 404).end("{}"),
    [
      request({ name: "home", path: "/home" }),
      request({
        name: "gone",
        path: "/gone",
        expect: { status: ["4xx"], headers: {}, body: "in stock", json: {} },
      }),
    ],
  );
  for (const [name, status, isOk] of [
    ["home", "200", true],
    ["gone", "404", false],
  ] as const) {
    const series = measured.requests.find((each) => each.request === name);
    const answers = sum(series?.scheduled ?? []);
    expect(answers).toBeGreaterThan(0);
    expect(series?.statuses).toEqual({ [status]: { answers, ok: isOk ? answers : 0 } });
  }
});

test("one example of a bad answer is kept for each reason, however many there are and however long they are", async () => {
  let nth = 0;
  const measured = await measure((_, response) => {
    nth++;
    const status = nth % 2 === 0 ? 500 : 503;
    response
      .writeHead(status)
      .end(`{"error":"out of ${status === 500 ? "luck" : "stock"}"}${"x".repeat(100_000)}`);
  });
  expect(totals(measured.all).ok).toBe(0);
  const samples = [...(measured.samples ?? [])].sort((a, b) => a.status - b.status);
  expect(samples.map(({ reason, request: name, status }) => ({ reason, name, status }))).toEqual([
    { reason: "status 500", name: "home", status: 500 },
    { reason: "status 503", name: "home", status: 503 },
  ]);
  expect(samples[0]?.body).toMatch(/^\{"error":"out of luck"\}x+$/);
  expect(samples[1]?.body).toMatch(/^\{"error":"out of stock"\}x+$/);
  for (const { body } of samples) expect(body.length).toBe(1000);
});

test("an answer whose head was seen before gives its example, too", async () => {
  // The first answers are good and teach the memo their head; later ones repeat it with another body.
  let nth = 0;
  const measured = await measure(
    (_, response) => {
      const isBad = ++nth > 4;
      response.sendDate = false;
      response.writeHead(200, { "content-length": "8" }).end(isBad ? "sold out" : "in stock");
    },
    [request({ expect: { status: [200], headers: {}, body: "in stock", json: {} } })],
  );
  expect(measured.samples).toEqual([
    {
      reason: 'body: expected text with "in stock", found "sold out"',
      request: "home",
      status: 200,
      body: "sold out",
    },
  ]);
});

test("of a compressed body no example is shown", async () => {
  const measured = await measure((_, response) =>
    response.writeHead(500).end(Buffer.from(Array.from({ length: 200 }, (_, i) => (i * 37) % 256))),
  );
  expect(measured.samples).toEqual([{ reason: "status 500", request: "home", status: 500, body: "" }]);
});

const ANY = { status: [200], headers: {}, body: null, json: {} } as const;
const GOOD = { ...ANY, body: "in stock" };

test.each([
  ["a header", { ...ANY, headers: { "x-fallback": "1" } }, 200, "nothing is known"],
  ["a status, whatever is expected of a good answer", { ...ANY, status: [203] }, 203, "nothing is known"],
  ["a text", { ...ANY, body: "nothing is known" }, 200, "nothing is known"],
  ["a value in JSON", { ...ANY, json: { "$.from": "cache" } }, 200, '{"from":"cache"}'],
] as const)(
  "%s makes an answer a fallback: ok, and counted beside that",
  async (_, degraded, status, body) => {
    let nth = 0;
    const measured = await measure(
      ({ url }, response) => {
        if (url !== "/other") nth++;
        if (url === "/other" || nth % 2 === 0) response.writeHead(200).end("in stock");
        else response.writeHead(status, { "x-fallback": "1" }).end(body);
      },
      [
        request({ expect: GOOD, degraded, tellsDegraded: true }),
        request({ name: "other", path: "/other", expect: ANY }),
      ],
      {},
      1_500,
    );
    const named = (name: string) => measured.requests.find(({ request: each }) => each === name);
    const [home, other] = [named("home"), named("other")];
    const { ok, scheduled } = totals(home ?? measured.all);
    expect(ok).toBe(scheduled);
    const told = sum(home?.degraded ?? []);
    expect(told).toBeGreaterThan(0);
    expect(told).toBeLessThan(scheduled);
    expect(home?.histograms.degraded?.count).toBe(told);
    expect(sum(measured.all.degraded ?? [])).toBe(told);
    expect(other).not.toHaveProperty("degraded");
  },
);

test("an answer that is not all of a fallback is held to what is expected", async () => {
  const degraded = { ...ANY, headers: { "x-fallback": "1" } };
  const measured = await measure(
    ({ url }, response) => {
      if (url === "/broken") response.writeHead(500, { "x-fallback": "1" }).end("in stock");
      else response.writeHead(200).end("nothing is known");
    },
    [
      request({ name: "broken", path: "/broken", expect: GOOD, degraded, tellsDegraded: true }),
      request({ name: "plain", path: "/plain", expect: GOOD, degraded, tellsDegraded: true }),
    ],
  );
  const { ok, http_error, scheduled } = totals(measured.all);
  expect({ ok, http_error }).toEqual({ ok: 0, http_error: scheduled });
  expect(sum(measured.all.degraded ?? [])).toBe(0);
  expect(Object.keys(measured.reasons).sort()).toEqual([
    expect.stringMatching(/^body: expected text with "in stock"/),
    "status 500",
  ]);
});
