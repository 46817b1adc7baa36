import { join } from "node:path";
import { expect, test } from "vitest";
import { dryRunText } from "../../src/plan/dry-run-text.js";
import { labelOf } from "../../src/plan/fault-round.js";
import {
  portsToPick,
  resolveProxies,
  resolveServices,
  resolveTarget,
  servicePortValues,
} from "../../src/plan/placeholders.js";
import { lengthMs, timelineOf } from "../../src/plan/timeline.js";
import { httpOf, rowsOf } from "../helpers/load-plans.js";
import { checkText, FIXTURES, faultSteps, loadScenario, scenarioText } from "../helpers/scenario-files.js";

const everything = () => loadScenario("everything.yaml", { env: {}, cwd: join(FIXTURES, "valid"), cpus: 4 });

const planOf = async (text: string) => {
  const { plan, diagnostics } = await checkText(text, { cpus: 4 });
  expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  if (!plan) throw new Error("no plan");
  return plan;
};

const toxic = (
  kind: string,
  target: string,
  type: string,
  attributes: object,
  stream = "downstream",
  toxicity = 1,
) => ({
  kind,
  driver: "toxiproxy",
  target,
  spec: { type, stream, toxicity, attributes },
});

test("each fault key becomes the toxic that it stands for, in Toxiproxy's units", async () => {
  const plan = await everything();
  const steps = faultSteps(plan);
  const actions = new Map(steps.map((step) => [step.fault.name, step.actions]));
  expect(actions.get("slow")).toEqual([
    toxic("latency", "db", "latency", { latency: 10, jitter: 5 }),
    toxic("bandwidth", "db", "bandwidth", { rate: 125 }),
  ]);
  expect(actions.get("compound")).toEqual([
    toxic("partition", "db", "latency", { latency: 2_147_483_647 }, "upstream", 0.3),
    toxic("partition", "db", "latency", { latency: 2_147_483_647 }, "downstream", 0.3),
    { kind: "down", driver: "toxiproxy", target: "cache", spec: { down: true } },
  ]);
  expect(actions.get("odd")).toEqual([
    toxic("timeout", "cache", "timeout", { timeout: 2000 }, "upstream"),
    toxic("slow_close", "cache", "slow_close", { delay: 1000 }, "upstream"),
    toxic("limit_data", "cache", "limit_data", { bytes: 10_000 }, "upstream"),
    toxic("toxic", "cache", "noop", { x: 1 }, "upstream"),
  ]);
  const staged = steps.find(({ fault }) => fault.name === "staged");
  expect(staged).toMatchObject({
    fault: { name: "staged", round: 1 },
    actions: [toxic("latency", "db", "latency", { latency: 1000, jitter: 0 })],
    stages: [
      { atMs: 20_000, actions: [] },
      {
        atMs: 30_000,
        actions: [
          toxic("slicer", "db", "slicer", { average_size: 64, size_variation: 3, delay: 10 }),
          toxic("reset", "cache", "reset_peer", { timeout: 0 }),
        ],
      },
    ],
  });
});

test("the steps have every phase in order without gaps; a round is a number; searches come last", async () => {
  const { steps } = await everything();
  const timeline = timelineOf(steps);
  let at = 0;
  for (const { startMs, durationMs } of timeline) {
    expect(startMs).toBe(at);
    at += durationMs;
  }
  expect(lengthMs(timeline)).toBe(at);
  expect(new Set(timeline.map(({ id }) => id)).size).toBe(timeline.length);
  expect(steps.map(({ kind }) => kind)).toEqual([
    "warmup",
    "baseline",
    ...Array.from({ length: 10 }, () => "fault"),
    "search",
  ]);
  const rounds = steps.flatMap((step) => (step.kind === "fault" ? [step.fault] : []));
  expect(rounds.map(({ name, round }) => [name, round])).toEqual([
    ["slow", 1],
    ["compound", 1],
    ["staged", 1],
    ["staged", 2],
    ["odd", 1],
    ["slow", 2],
    ["compound", 2],
    ["staged", 3],
    ["staged", 4],
    ["odd", 2],
  ]);
  expect(rounds.map(labelOf).slice(4, 6)).toEqual(["odd", "slow (round 2)"]);
  const compound = timeline.filter(({ fault }) => fault === "compound");
  expect(compound.map(({ kind, durationMs }) => [kind, durationMs])).toEqual([
    ["fault", 10_000],
    ["recovery", 60_000],
  ]);
  expect(timeline.at(-1)).toMatchObject({ id: "search-1", fault: "how slow", durationMs: 5 * 30_000 });
  expect(steps.slice(-1)).toMatchObject([
    {
      kind: "search",
      fault: { name: "how slow", round: 1 },
      at: { target: "db" },
      axis: "latency",
      attribute: "latency",
      unit: "ms",
      from: 0,
      to: 2000,
      precision: 20,
      maxTrials: 5,
      trialMs: 10_000,
      recoveryMs: 20_000,
      until: { text: "p99 < 500ms" },
    },
  ]);
});

test("requests as they go over the wire: encoded, with slots left and their content types", async () => {
  const { load } = await everything();
  expect(load).toMatchObject({
    target: {
      url: "https://localhost:${services.web.port}/api",
      tls: { verify: false, servername: "shop.test", ca: null },
    },
    model: { kind: "open", arrivals: "poisson", maxConnections: 64, profile: { startValue: 20 } },
    timeoutMs: 1500,
    keepAlive: false,
    seed: 42,
  });
  expect(load.feeds.map((feed) => ({ name: feed.name, pick: feed.pick, rows: rowsOf(feed) }))).toEqual([
    {
      name: "users",
      pick: "random",
      rows: [
        { email: "ann@example.com", age: "031" },
        { email: "bob@example.com", age: "7" },
      ],
    },
    { name: "skus", pick: "round-robin", rows: [{ sku: "007" }] },
  ]);
  if (load.mix.kind !== "journeys") throw new Error("expected journeys");
  const [login, view, order] = load.mix.journeys[0]?.steps ?? [];
  expect(load.mix.journeys.map(({ name, weight }) => [name, weight])).toEqual([
    ["buy", 3],
    ["look", 1],
  ]);
  expect(login).toMatchObject({
    method: "POST",
    path: "/login",
    headers: { "Content-Type": "application/x-www-form-urlencoded", Authorization: "Bearer none" },
    body: "user=${data.users.email}&password=a%20b%26c",
    bodyEncoding: "form",
    expect: {
      status: [200, "2xx"],
      headers: { "content-type": "json" },
      body: "token",
      json: { "$.ok": true },
    },
    capture: [
      { name: "token", from: { kind: "json", path: "$.access.token" } },
      { name: "next", from: { kind: "header", header: "location", pattern: null } },
      { name: "id", from: { kind: "regex", pattern: "id=(\\d+)" } },
    ],
  });
  expect(view).toMatchObject({
    path: "/p/%C3%BC?x=1&q=a%20b${seq}&r=${random.int(1,5)}",
    headers: { "X-Token": "${capture.token}" },
    thinkTimeMs: 100,
    bodyEncoding: "none",
    expect: { status: ["2xx", 304] },
  });
  expect(httpOf(order).body).toBe(
    '{"sku":"${data.skus.sku}","n":${seq},"text":"x${seq} $${seq} ann","$${seq}":[${random.int(1,9)}]}',
  );
});

test("without requests the target itself is asked; with requests its path goes before theirs", async () => {
  const target = (url: string, more = "") =>
    planOf(scenarioText("", `  rate: 1/s\n${more}`).replace("http://127.0.0.1:3000", url));
  const alone = await target("HTTP://127.0.0.1:3000/health?deep=1");
  expect(alone.load.target.url).toBe("http://127.0.0.1:3000");
  expect(alone.load.mix).toMatchObject({
    requests: [{ name: "GET /health?deep=1", path: "/health?deep=1" }],
  });
  const withPath = await target("http://127.0.0.1:3000/api/", "  requests: [{ path: /x }]");
  expect(withPath.load.target.url).toBe("http://127.0.0.1:3000/api");
  expect(withPath.load.mix).toMatchObject({ requests: [{ name: "GET /x", path: "/x" }] });
});

test("connections of the open model: what the highest rate can need within the timeout, 10 to 10,000", async () => {
  const most = async (load: string) => {
    const { model } = (await planOf(scenarioText("", load))).load;
    return model.kind === "open" ? model.maxConnections : null;
  };
  expect(await most("  rate: 1/s\n  timeout: 1s")).toBe(10);
  expect(await most("  rate: 100/s\n  timeout: 2s")).toBe(200);
  expect(await most("  rate: 10/s\n  timeout: 2s\n  stages: [{ ramp: 5s, rate: 300/s }]")).toBe(600);
  expect(await most("  rate: 60000/s")).toBe(10_000);
  expect(await most("  rate: 100/s\n  maxConnections: 7")).toBe(7);
  expect(await most("  connections: 5")).toBeNull();
});

test("workers: auto uses one thread for usual loads and leaves a processor free", async () => {
  const workers = async (load: string) => (await planOf(scenarioText("", load))).load.workers;
  expect(await workers("  rate: 1000/s")).toBe(1);
  expect(await workers("  rate: 60000/s")).toBe(3);
  expect(await workers("  rate: 900000/s")).toBe(3);
  expect(await workers("  connections: 50")).toBe(1);
  expect(await workers("  rate: 10/s\n  workers: 5")).toBe(5);
});

test("a fault's own SLOs take the place of the scenario's on the same metric, in all its rounds", async () => {
  const { slos } = await everything();
  const shown = slos.map(({ text, fault, exceptFaults }) => [text, fault, exceptFaults]);
  expect(shown).toEqual([
    ["availability >= 99%", null, ["slow"]],
    ["p99 < 500ms", null, ["slow"]],
    ["p99(login) < 3x baseline", null, []],
    ["recovery < 5s", null, []],
    ["p99 < 1s", "slow", []],
    ["availability >= 90%", "slow", []],
  ]);
});

test("a fault's own SLO takes no place in a phase that it does not gate", async () => {
  const promised = [
    "availability >= 95% in recovery",
    "p99 < 500ms in fault, recovery",
    "error_rate < 5% in fault, recovery",
  ];
  const own = ["availability >= 0%", "p99 < 2s", "error_rate < 50% in fault, recovery"];
  const text = scenarioText(
    `  - { name: down, proxy: cache, down: true, slos: ${JSON.stringify(own)} }`,
  ).replace("slos: [availability >= 99%]", `slos: ${JSON.stringify(promised)}`);
  const { slos } = await planOf(text);
  const common = slos.filter(({ fault }) => fault === null);
  expect(common.map((slo) => [slo.text, slo.phases, slo.exceptFaults])).toEqual([
    ["availability >= 95% in recovery", ["recovery"], []],
    ["p99 < 500ms in fault, recovery", ["fault"], ["down"]],
    ["p99 < 500ms in fault, recovery", ["recovery"], []],
    ["error_rate < 5% in fault, recovery", ["fault", "recovery"], ["down"]],
  ]);
});

test("services: words as a shell splits them, their folder, their times", async () => {
  const { services } = await everything();
  expect(services).toMatchObject([
    {
      name: "web",
      command: ["node", "my app.js", "--port=${services.web.port}"],
      shell: false,
      env: { PORT: "${services.web.port}", VERSION: "1.10", DB: "${proxies.db.host}" },
      cwd: join(FIXTURES, "valid"),
      readyTimeoutMs: 10_000,
      stopGraceMs: 1000,
    },
    {
      name: "job",
      command: ["echo $HOME | cat"],
      shell: true,
      ready: null,
      readyTimeoutMs: 30_000,
      stopGraceMs: 5000,
    },
  ]);
});

test("placeholders are filled when the addresses are known", async () => {
  const plan = await everything();
  expect(portsToPick(plan)).toEqual(["services.web.port"]);
  const ports = servicePortValues(new Map([["services.web.port", 4001]]));
  expect(resolveProxies(plan.proxies, ports)).toEqual([
    { name: "db", listen: "127.0.0.1:0", upstream: "127.0.0.1:5432" },
    { name: "cache", listen: "127.0.0.1:7001", upstream: "[::1]:6379" },
  ]);
  const values = new Map([...ports, ["proxies.db.host", "127.0.0.1"]]);
  expect(resolveServices(plan.services, values)[0]).toMatchObject({
    command: ["node", "my app.js", "--port=4001"],
    env: { PORT: "4001", DB: "127.0.0.1" },
    ready: "tcp://127.0.0.1:4001",
  });
  expect(resolveTarget(plan.load.target, values).url).toBe("https://localhost:4001/api");
});

test("the dry run shows the timeline, the faults in words, the requests and the SLOs", async () => {
  const text = dryRunText(await everything());
  for (const line of [
    "Proxy db: 127.0.0.1:(a free port) → 127.0.0.1:5432",
    "   75%  buy: login → view → order",
    "latency 10 ms ± 5 ms on db, at most 125 kB/s on db",
    "all data held back on db for 30% of connections, connections refused on cache",
    "after 20 s: nothing",
    "latency 0 to 2000 ms on db, to within 20 ms, until p99 < 500ms breaks",
    "p99 < 1s (only in slow)",
    "error_rate > 80% for 5s",
  ]) {
    expect(text).toContain(line);
  }
  expect(text).toMatch(/ 2 s {2}baseline {6}10 s +[\d,]+ requests\n/);
});

test("the dry run counts one as one", async () => {
  const one = async (load: string) => {
    const { plan } = await checkText(scenarioText("", load));
    return plan ? dryRunText(plan) : "";
  };
  const open = await one("  rate: 1/s\n  maxConnections: 1\n  data: { ids: { rows: [{ id: 1 }] } }");
  expect(open).toContain("1/s, evenly spaced, at most 1 connection\n");
  expect(open).toContain("data ids: 1 row, round-robin");
  expect(await one("  connections: 1\n  stages: [{ ramp: 5s, connections: 2 }]")).toContain(
    ": 1 connection, then to 2 connections over 5 s\n",
  );
});

test("load may rest for a stage, in both models, and end at nothing", async () => {
  const profileOf = async (load: string) => (await planOf(scenarioText("", load))).load.model.profile;
  const open = await profileOf("  rate: 5/s\n  stages: [{ hold: 100s }, { ramp: 2s, rate: 0/s }]");
  expect(open.stages.at(-1)).toEqual({ kind: "ramp", durationMs: 2000, to: 0 });
  const closed = await profileOf(
    "  connections: 5\n  stages: [{ hold: 2s, connections: 0 }, { hold: 2s, connections: 5 }]",
  );
  expect(closed.stages.map(({ to }) => to)).toEqual([0, 5]);
});

test("a capture may look for a pattern in a header", async () => {
  const capture = '{ sid: { header: Set-Cookie, regex: "sid=([^;]+)" } }';
  const { load } = await planOf(
    scenarioText("", `  rate: 1/s\n  journeys: [{ name: j, steps: [{ path: /, capture: ${capture} }] }]`),
  );
  expect(load.mix).toMatchObject({
    journeys: [
      {
        steps: [
          {
            capture: [
              { name: "sid", from: { kind: "header", header: "set-cookie", pattern: "sid=([^;]+)" } },
            ],
          },
        ],
      },
    ],
  });
});

test.each(["", "faults: []\n"])(
  "without a fault (%o) there are only warm-up and baseline",
  async (faults) => {
    const load = "load: { target: 'http://127.0.0.1:3000', rate: 10/s }";
    const plan = await planOf(`faultline: 1\nname: Load\n${load}\nslos: [p50 < 1s]\nrepeat: 3\n${faults}`);
    expect(plan.steps.map(({ kind }) => kind)).toEqual(["warmup", "baseline"]);
    expect(dryRunText(plan)).toContain("  no fault: a load test, judged over the baseline\n");
  },
);

test("headers keep their names as written; the last of those that differ in case only counts", async () => {
  const { load } = await planOf(
    scenarioText().replace(
      "  rate: 100/s",
      `  rate: 100/s
  headers: { X-Trace-ID: common, SOAPAction: "urn:quote" }
  requests: [{ method: POST, path: /, json: {}, headers: { content-TYPE: text/json, x-trace-id: own } }]`,
    ),
  );
  if (load.mix.kind !== "requests") return expect.unreachable();
  expect(httpOf(load.mix.requests[0]).headers).toEqual({
    SOAPAction: "urn:quote",
    "content-TYPE": "text/json",
    "x-trace-id": "own",
  });
});

test("the environment is put into a path as it is, and encoded in a query", async () => {
  const text = scenarioText().replace(
    "  rate: 100/s",
    '  rate: 100/s\n  requests: [{ path: "${env.BASE}/c?a=1", query: { q: "${env.BASE}" } }]',
  );
  const { plan, diagnostics } = await checkText(text, { env: { BASE: "/api/ü" } });
  expect(diagnostics).toEqual([]);
  expect(plan?.load.mix).toMatchObject({ requests: [{ path: "/api/%C3%BC/c?a=1&q=%2Fapi%2F%C3%BC" }] });
});

test("which sides of a proxy speak TLS, and how its upstream is spoken to", async () => {
  const proxies = (lines: string) => planOf(scenarioText().replace(/ {2}cache: .*/, lines));
  const shown = (plan: Awaited<ReturnType<typeof planOf>>) =>
    plan.proxies.map(({ listen, upstream, tls }) => [listen, upstream, tls?.servesTls, tls?.upstream]);
  const asNode = { ca: null, cert: null, key: null, servername: null, verify: true };
  const one = (text: string) => proxies(`  cache: { protocol: http, ${text} }`).then(shown);
  expect(await one('upstream: "https://127.0.0.1:8443", listen: "127.0.0.1:1"')).toEqual([
    ["127.0.0.1:1", "127.0.0.1:8443", true, asNode],
  ]);
  expect(await one('upstream: "https://localhost/", listen: "http://127.0.0.1:1"')).toEqual([
    ["127.0.0.1:1", "localhost:443", false, asNode],
  ]);
  expect(await one('upstream: "[::1]:80", listen: "https://127.0.0.1:1"')).toEqual([
    ["127.0.0.1:1", "[::1]:80", true, null],
  ]);
  expect(await one('upstream: "http://localhost", listen: "127.0.0.1:1"')).toEqual([
    ["127.0.0.1:1", "localhost:80", undefined, undefined],
  ]);
  const own = "tls: { servername: pay.test, verify: false }";
  const plan =
    await proxies(`  cache: { protocol: http, listen: "127.0.0.1:1", upstream: "https://127.0.0.1:\${services.pay.port}", ${own} }
services:
  pay: { run: node pay.js }`);
  expect(shown(plan)).toEqual([
    [
      "127.0.0.1:1",
      "127.0.0.1:${services.pay.port}",
      true,
      { ...asNode, servername: "pay.test", verify: false },
    ],
  ]);
  expect(dryRunText(plan)).toContain(
    "Proxy cache: https://127.0.0.1:1 → https://127.0.0.1:${services.pay.port}",
  );
});

test("HTTP/2 puts many requests on a connection in the open model, and one for each user in the closed one", async () => {
  const spoken = async (load: string) => {
    const { protocol, pipelining } = (await planOf(scenarioText("", load))).load;
    return { protocol, pipelining };
  };
  expect(await spoken("  rate: 10/s")).toEqual({ protocol: undefined, pipelining: 1 });
  expect(await spoken("  rate: 10/s\n  protocol: http1")).toEqual({ protocol: undefined, pipelining: 1 });
  expect(await spoken("  rate: 10/s\n  protocol: h2")).toEqual({ protocol: "h2", pipelining: 100 });
  expect(await spoken("  connections: 5\n  protocol: h2")).toEqual({ protocol: "h2", pipelining: 1 });
  expect(await spoken("  connections: 5\n  protocol: h2\n  streams: 8")).toEqual({
    protocol: "h2",
    pipelining: 8,
  });
  // What it comes to is known when the target has been asked.
  expect(await spoken("  rate: 10/s\n  protocol: auto")).toEqual({ protocol: "auto", pipelining: 1 });
  const told = async (load: string) => dryRunText(await planOf(scenarioText("", load)));
  expect(await told("  rate: 10/s\n  protocol: h2")).toContain(
    "up to 100 requests at once on a connection, HTTP/2",
  );
  expect(await told("  rate: 10/s\n  protocol: auto")).toContain("HTTP/2 or HTTP/1.1, as the target prefers");
});
