import { describe, expect, test } from "vitest";
import type { LoadModel, LoadPlan } from "../../../src/plan/load-plan.js";
import { onTestFinished, testAtOnce } from "../../helpers/at-once.js";
import { type DigestServerOptions, startDigestServer } from "../../helpers/digest-server.js";
import {
  closedModel,
  feedOf,
  loadPlan,
  openModel,
  request,
  runLoadUntil,
  sum,
  totals,
  type WeightedHttpRequest,
} from "../../helpers/load-plans.js";

/** Challenges of Digest, answered on streams of HTTP/2 (h2c). The server counts each nonce without a gap. */

const ANN = { username: "ann", password: "s3cret" };

async function serverThat(options: DigestServerOptions = {}) {
  const server = await startDigestServer({ ...options, isHttp2: true });
  onTestFinished(() => server.close());
  return server;
}

function planFor(
  url: string,
  model: LoadModel,
  changes: Partial<WeightedHttpRequest> = {},
  more: Partial<LoadPlan> = {},
): LoadPlan {
  const requests = [request({ path: "/stock?page=1", digest: ANN, ...changes })];
  return loadPlan(url, model, { mix: { kind: "requests", requests }, protocol: "h2", ...more });
}

const KINDS: readonly DigestServerOptions[] = [
  { isOfConnection: true },
  { algorithm: "SHA-256" },
  { algorithm: "MD5-sess" },
  { algorithm: "SHA-256", userhash: true },
  { qop: false },
];

for (const options of KINDS) {
  testAtOnce(`a challenge is answered, and each connection has one: ${JSON.stringify(options)}`, async () => {
    const server = await serverThat(options);
    const plan = planFor(server.url, closedModel(4, 10));
    const { all, requests, connectionsOpened } = await runLoadUntil(plan, () => server.told.ok > 20);
    const counts = totals(all);
    expect(counts.ok).toBe(counts.scheduled);
    expect(server.told.wrong).toEqual([]);
    expect(server.told.ok).toBe(counts.ok);
    expect(server.told.challenges).toBe(connectionsOpened);
    expect(sum(all.redirects ?? [])).toBe(server.told.challenges);
    expect(requests[0]?.statuses).toEqual({ 200: { answers: counts.ok, ok: counts.ok } });
  });
}

describe("requests side by side on few connections", () => {
  test("each nonce is counted on its connection, in the order in which they go out", async () => {
    const server = await serverThat({ isOfConnection: true });
    const plan = planFor(server.url, openModel(400, 3), {}, { pipelining: 2 });
    const { all, connectionsOpened } = await runLoadUntil(plan, () => server.told.ok > 150);
    const counts = totals(all);
    expect(counts.ok).toBe(counts.scheduled);
    expect(server.told.wrong).toEqual([]);
    expect(server.told.requests).toBe(counts.ok + server.told.challenges);
    expect(sum(all.redirects ?? [])).toBe(server.told.challenges);
    // Those that go out before the first challenge has come are challenged, too.
    expect(server.told.challenges).toBeGreaterThanOrEqual(connectionsOpened);
    expect(server.told.challenges).toBeLessThan(counts.scheduled);
  });

  test("stale nonces cost requests, and no failures", async () => {
    const server = await serverThat({ usesOfNonce: 7 });
    const plan = planFor(server.url, openModel(200, 2), {}, { pipelining: 50 });
    const { all } = await runLoadUntil(plan, () => server.told.stale > 5);
    expect(totals(all).ok).toBe(totals(all).scheduled);
    expect(server.told.wrong).toEqual([]);
  });
});

testAtOnce("a wrong password is asked about once, and is an http_error", async () => {
  const server = await serverThat();
  const plan = planFor(server.url, closedModel(4, 10), { digest: { ...ANN, password: "guess" } });
  const { all, reasons } = await runLoadUntil(plan, () => server.told.wrong.length > 10);
  const counts = totals(all);
  expect(counts.http_error).toBe(counts.scheduled);
  expect(reasons).toEqual({ "status 401": counts.scheduled });
  expect(server.told.requests).toBe(2 * counts.scheduled);
});

testAtOnce("what cannot be answered says why", async () => {
  const header = 'Digest realm="x", nonce="y", algorithm=SHA3';
  const server = await serverThat({
    challenge: (response) => response.setHeader("www-authenticate", header),
  });
  const plan = planFor(server.url, closedModel(2, 10));
  const { all, reasons } = await runLoadUntil(plan, () => server.told.challenges > 5);
  expect(reasons).toEqual({ "digest challenge with the algorithm SHA3": totals(all).scheduled });
});

testAtOnce("each user has its own name, and behind a challenge the values that it had", async () => {
  const users = { ann: "a pass", Zoë: "q:ü" };
  const server = await serverThat({ users, algorithm: "SHA-256" });
  const digest = { username: "${data.users.name}", password: "${data.users.password}" };
  const rows = Object.entries(users).map(([name, password]) => ({ name, password }));
  const changes = { digest, method: "POST", path: "/n/${uuid}", body: "order ${seq} ${uuid}" };
  const more = { feeds: [feedOf("users", "round-robin", rows)] };
  const plan = planFor(server.url, closedModel(1, 5), changes, more);
  const { all } = await runLoadUntil(plan, () => server.told.ok > 6);
  const counts = totals(all);
  expect(counts.ok).toBe(counts.scheduled);
  expect(server.told.wrong).toEqual([]);
  expect(server.told.challenges).toBe(counts.scheduled);
  for (const [nth, body] of server.told.bodies.entries()) {
    expect(body).toMatch(new RegExp(`^order ${Math.floor(nth / 2) + 1} `));
    expect(body).toBe(server.told.bodies[nth - (nth % 2)]);
  }
});

testAtOnce("cookies and traces go with it", async () => {
  const server = await serverThat({ cookie: "session=1" });
  const tracing = { sampling: 1, traceLink: null, runKey: "0".repeat(32) };
  const more = { tracing, session: { cookies: true, follow: 2 } };
  const { all } = await runLoadUntil(
    planFor(server.url, closedModel(2, 10), {}, more),
    () => server.told.ok > 10,
  );
  expect(totals(all).ok).toBe(totals(all).scheduled);
  expect(server.told).toMatchObject({ wrong: [], challenges: 2 });
});
