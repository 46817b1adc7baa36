import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import type { LoadModel, LoadPlan } from "../../../src/plan/load-plan.js";
import { onTestFinished, testAtOnce } from "../../helpers/at-once.js";
import { type DigestServerOptions, startDigestServer } from "../../helpers/digest-server.js";
import { hasProgram } from "../../helpers/has-program.js";
import {
  closedModel,
  feedOf,
  loadPlan,
  openModel,
  request,
  runLoad,
  runLoadUntil,
  sum,
  totals,
  type WeightedHttpRequest,
} from "../../helpers/load-plans.js";

const ANN = { username: "ann", password: "s3cret" };

async function serverThat(options: DigestServerOptions = {}) {
  const server = await startDigestServer(options);
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
  return loadPlan(url, model, { mix: { kind: "requests", requests }, ...more });
}

const MODELS: readonly (readonly [string, LoadModel])[] = [
  ["open model", openModel(200)],
  ["closed model", closedModel(4, 10)],
];

const KINDS: readonly DigestServerOptions[] = [
  {},
  { algorithm: "MD5" },
  { algorithm: "SHA-256" },
  { algorithm: "SHA-512-256" },
  { algorithm: "MD5-sess" },
  { algorithm: "SHA-256-sess" },
  { algorithm: "SHA-256", userhash: true },
  { qop: false },
];

describe.each(MODELS)("%s", (_, model) => {
  for (const options of model.kind === "open" ? [{}] : KINDS) {
    testAtOnce(
      `a challenge is answered, and each connection has one: ${JSON.stringify(options)}`,
      async () => {
        const server = await serverThat(options);
        const measured = await runLoadUntil(planFor(server.url, model), () => server.told.ok > 20);
        const { all, requests, connectionsOpened } = measured;
        const counts = totals(all);
        expect(counts.ok).toBe(counts.scheduled);
        expect(server.told.wrong).toEqual([]);
        expect(server.told.ok).toBe(counts.ok);
        expect(server.told.challenges).toBe(connectionsOpened);
        // The extra request is counted as a hop. It is no status of the answers.
        expect(sum(all.redirects ?? [])).toBe(server.told.challenges);
        expect(server.told.requests).toBe(counts.ok + server.told.challenges);
        expect(requests[0]?.statuses).toEqual({ 200: { answers: counts.ok, ok: counts.ok } });
      },
    );
  }

  test("a stale nonce costs one more request, and is no failure", async () => {
    const server = await serverThat({ usesOfNonce: 5 });
    const { all } = await runLoadUntil(planFor(server.url, model), () => server.told.stale > 3);
    const counts = totals(all);
    expect(counts.ok).toBe(counts.scheduled);
    expect(server.told.stale).toBeGreaterThan(0);
    expect(server.told.wrong).toEqual([]);
    expect(sum(all.redirects ?? [])).toBe(server.told.challenges);
  });
});

describe("what cannot be answered", () => {
  const model = closedModel(4, 10);

  test("a wrong password is asked about once, and is an http_error", async () => {
    const server = await serverThat();
    const plan = planFor(server.url, model, { digest: { ...ANN, password: "guess" } });
    const { all, reasons } = await runLoad(plan, 300);
    const counts = totals(all);
    expect(counts.http_error).toBe(counts.scheduled);
    expect(reasons).toEqual({ "status 401": counts.scheduled });
    // A challenge, and the answer to it, which is wrong.
    expect(server.told.requests).toBe(2 * counts.scheduled);
    expect(server.told.wrong).toHaveLength(counts.scheduled);
  });

  test("a server that calls each nonce stale is not asked for ever", async () => {
    const server = await serverThat({ usesOfNonce: 0 });
    const { all, reasons } = await runLoad(planFor(server.url, model), 300);
    const counts = totals(all);
    expect(counts.http_error).toBe(counts.scheduled);
    expect(reasons).toEqual({ "challenged more than 3 times": counts.scheduled });
    expect(server.told.requests).toBe(4 * counts.scheduled);
  });

  const headers = [
    ["no nonce", "Digest realm=x", "digest challenge without a realm and a nonce"],
    [
      "an unknown hash",
      'Digest realm="x", nonce="y", algorithm=SHA3',
      "digest challenge with the algorithm SHA3",
    ],
    ["another qop", 'Digest realm="x", nonce="y", qop="auth-int"', "digest challenge with the qop auth-int"],
    ["another scheme", 'Basic realm="x"', "status 401"],
    ["no end", `Digest realm="${'\\\\"'.repeat(2000)}`, "digest challenge without a realm and a nonce"],
  ] as const;
  for (const [kind, header, reason] of headers) {
    testAtOnce(`a challenge that cannot be answered: ${kind}`, async () => {
      const server = await serverThat({
        challenge: (response) => response.setHeader("www-authenticate", header),
      });
      const { all, reasons } = await runLoad(planFor(server.url, model), 200);
      expect(reasons).toEqual({ [reason]: totals(all).scheduled });
      expect(server.told.requests).toBe(totals(all).scheduled);
    });
  }
});

test.each([undefined, "SHA-256-sess"] as const)(
  "the nonce that an answer brings is used for the next request: %s",
  async (algorithm) => {
    const server = await serverThat({ sendsNext: true, usesOfNonce: 1, ...(algorithm ? { algorithm } : {}) });
    const { all } = await runLoad(planFor(server.url, closedModel(2, 10)), 300);
    expect(totals(all).ok).toBe(totals(all).scheduled);
    expect(server.told).toMatchObject({ wrong: [], stale: 0, challenges: 2 });
  },
);

test("another realm on the same connection is another challenge, and no wrong password", async () => {
  const server = await serverThat({ realmOf: (path) => path });
  const steps = ["/a", "/b"].map((path) => ({
    ...request({ name: path, path, digest: ANN }),
    thinkTimeMs: 0,
  }));
  const plan = loadPlan(server.url, closedModel(2, 10), {
    mix: { kind: "journeys", journeys: [{ name: "both", weight: 1, steps }] },
  });
  const { all, reasons } = await runLoadUntil(plan, () => server.told.ok > 10);
  expect(reasons).toEqual({});
  expect(totals(all).ok).toBe(totals(all).scheduled);
  expect(server.told.ok).toBe(totals(all).ok);
});

test("a server that has forgotten its nonces challenges anew, and nothing fails", async () => {
  const server = await serverThat({ forgetsAfter: 10 });
  const { all, reasons } = await runLoadUntil(
    planFor(server.url, closedModel(3, 10)),
    () => server.told.ok > 20,
  );
  expect(reasons).toEqual({});
  expect(totals(all).ok).toBe(totals(all).scheduled);
  expect(server.told.challenges).toBe(6);
});

test("a cookie that a challenge sets goes out with the answer to it, and values stay as they were", async () => {
  const server = await serverThat({ cookie: "session=1" });
  const more = { session: { cookies: true, follow: 0 } };
  const changes = { method: "POST", body: "order ${seq} ${uuid}" };
  const { all, reasons } = await runLoad(planFor(server.url, closedModel(1, 10), changes, more), 300);
  expect(reasons).toEqual({});
  expect(totals(all).ok).toBe(totals(all).scheduled);
  expect(server.told).toMatchObject({ wrong: [], challenges: 1 });
  expect(server.told.bodies[1]).toBe(server.told.bodies[0]);
});

test("each user has its own name, a challenge, and the body twice", async () => {
  const users = { ann: "a pass", Zoë: "q:ü", 'o"brien': "x" };
  const server = await serverThat({ users, algorithm: "SHA-256" });
  const digest = { username: "${data.users.name}", password: "${data.users.password}" };
  const rows = Object.entries(users).map(([name, password]) => ({ name, password }));
  const changes = { digest, method: "POST", body: "order ${seq}" };
  const more = { feeds: [feedOf("users", "round-robin", rows)] };
  const plan = planFor(server.url, closedModel(1, 5), changes, more);
  const { all } = await runLoadUntil(plan, () => server.told.ok > 6);
  const counts = totals(all);
  expect(counts.scheduled).toBeGreaterThan(6);
  expect(counts.ok).toBe(counts.scheduled);
  expect(server.told.wrong).toEqual([]);
  // Another user comes with each request, and the challenge is for that one.
  expect(server.told.challenges).toBe(counts.scheduled);
  for (const [nth, body] of server.told.bodies.entries())
    expect(body).toBe(`order ${Math.floor(nth / 2) + 1}`);
});

test("cookies, redirects and traces go with it", async () => {
  const server = await serverThat();
  const tracing = { sampling: 1, traceLink: null, runKey: "0".repeat(32) };
  const more = { tracing, session: { cookies: true, follow: 2 } };
  const { all } = await runLoad(planFor(server.url, closedModel(2, 10), {}, more), 300);
  expect(totals(all).ok).toBe(totals(all).scheduled);
  expect(server.told).toMatchObject({ wrong: [], challenges: 2 });
});

describe.skipIf(!hasProgram("curl", "apt-get install curl"))("curl as a peer", () => {
  test.each(KINDS.filter(({ algorithm }) => algorithm !== "SHA-512-256"))(
    "gets in as well: %j",
    async (options) => {
      const server = await serverThat(options);
      const args = ["-sS", "--digest", "-u", "ann:s3cret", `${server.url}/stock?page=1`];
      const { stdout } = await promisify(execFile)("curl", args);
      expect(stdout).toBe("hello");
      expect(server.told).toMatchObject({ wrong: [], challenges: 1, ok: 1 });
    },
  );
});
