import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { main } from "../../src/cli/main.js";
import { checkAndPlan } from "../../src/plan/check-and-plan.js";
import { prometheusDouble } from "../helpers/prometheus-double.js";
import { faultSteps, folderWith } from "../helpers/scenario-files.js";
import { testIo } from "../helpers/test-io.js";

async function init(cwd: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const io = testIo({ cwd, env });
  const exitCode = await main(["init", ...args], io);
  return { exitCode, out: io.out(), err: io.err() };
}

async function planOf(cwd: string) {
  const { plan, diagnostics } = await checkAndPlan("scenario.yaml", { env: {}, cwd });
  expect(diagnostics).toEqual([]);
  if (!plan) throw new Error("no plan");
  return plan;
}

/** Two minutes: good, then slow with errors under more load, then good. */
const CSV = `time,latency_ms,errors,rate,comment
2026-11-24T10:00:00Z,20,0,100,
2026-11-24T10:00:30Z,21,0,101,begins
2026-11-24T10:01:00Z,400,0.25,180,
2026-11-24T10:01:15Z,,0.25,180,no answer was seen
2026-11-24T10:01:30Z,20,0,100,
`;

test("a CSV file becomes stages of the fault and of the load; the scenario names its source", async () => {
  const cwd = folderWith({ "incident.csv": CSV });
  const { exitCode, out, err } = await init(cwd, ["--from", "incident.csv"]);
  expect({ exitCode, out }, err).toEqual({ exitCode: 0, out: "scenario.yaml\n" });
  const text = readFileSync(join(cwd, "scenario.yaml"), "utf8");
  expect(text).toContain("# Recorded by incident.csv\n#   columns: latency_ms, errors, rate\n");
  expect(text).toContain(`    stages:
      - { at: 0s, latency: 21ms }
      - { at: 60s, latency: 400ms, http: { status: 503, share: 25% } }
      - { at: 90s, latency: 20ms }
`);
  expect(text).toContain(`    - { rate: 101/s, hold: 95s }
    - { rate: 180/s, hold: 30s }
    - { rate: 100/s, hold: 15s }
`);
  const plan = await planOf(cwd);
  const [fault] = faultSteps(plan);
  expect(fault?.during.durationMs).toBe(105_000);
  expect(plan.proxies[0]).toMatchObject({ name: "dependency", protocol: "http" });
});

test("a baseline has requests although the traffic began at none", async () => {
  const cwd = folderWith({ "incident.csv": "time,latency_ms,rate\n0,100,0\n10,900,50\n20,100,50\n" });
  const { exitCode, err } = await init(cwd, ["--from", "incident.csv"]);
  expect(exitCode, err).toBe(0);
  const text = readFileSync(join(cwd, "scenario.yaml"), "utf8");
  expect(text).toContain(`  rate: 50/s
  # Until the fault begins as much as at its begin; then as it was.
  stages:
    - { rate: 50/s, hold: 50s }
    - { rate: 0/s, hold: 10s }
    - { rate: 50/s, hold: 20s }
`);
  const { plan, diagnostics } = await checkAndPlan("scenario.yaml", { env: {}, cwd });
  expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  expect(plan).not.toBeNull();
});

test("a Prometheus is asked for the curves of a stretch of time; its latency is in seconds", async () => {
  const beginS = Date.parse("2026-11-24T10:00:00Z") / 1000;
  const server = await prometheusDouble((query, atS) => {
    const isBad = atS - beginS >= 600 && atS - beginS < 1200;
    if (query === "latency") return [{ value: isBad ? 0.35 : 0.012 }];
    return query === "errors" ? [{ value: isBad ? 0.5 : Number.NaN }] : null;
  });
  const cwd = folderWith({});
  const range = ["--range", "2026-11-24T10:00Z/11:00", "--prometheus", server.url];
  const queries = ["--latency", "latency", "--errors", "errors", "--token-env", "PROM_TOKEN"];
  const asked = ["--from", "prometheus", ...range, ...queries];
  const { exitCode, err } = await init(cwd, asked, { PROM_TOKEN: "s3cret-token" });
  expect(exitCode, err).toBe(0);
  expect(server.headers()).toMatchObject({ authorization: "Bearer s3cret-token" });
  const text = readFileSync(join(cwd, "scenario.yaml"), "utf8");
  expect(text).not.toContain("s3cret");
  expect(text).toContain(`# Recorded by Prometheus, 2026-11-24 10:00:00 to 11:00:00 UTC
#   latency: latency
#   errors: errors
`);
  expect(text).toContain(`      - { at: 0s, latency: 12ms }
      - { at: 10m, latency: 350ms, http: { status: 503, share: 50% } }
      - { at: 20m, latency: 12ms }
`);
  await planOf(cwd);
});

test.each([
  [
    ["--from", "prometheus", "--latency", "x"],
    /--from prometheus needs --range, such as 2026-11-24T10:00\/11:00/,
  ],
  [["--from", "prometheus", "--range", "2026-11-24T10:00/11:00"], /needs --latency or --errors/],
  [
    ["--from", "prometheus", "--range", "yesterday", "--latency", "x"],
    /--range: "yesterday" is no range of time/,
  ],
  [
    ["--from", "prometheus", "--range", "2026-11-24T10:00/10:00:05", "--latency", "x"],
    /ends before it has lasted 10 s/,
  ],
  [
    ["--from", "prometheus", "--range", "2026-11-24T10:00Z/2026-11-26T10:00Z", "--latency", "x"],
    /is longer than a day/,
  ],
  [
    ["--from", "prometheus", "--range", "2026-11-24T10:00/11:00", "--latency", "x", "--token-env", "NOPE"],
    /--token-env: NOPE is not set/,
  ],
  [["--from", "incident.csv", "--latency", "x"], /--latency is for --from prometheus: a file has all of it/],
  [["--traffic", "x"], /--traffic is for --from prometheus/],
  [["--from", "none.csv"], /none\.csv does not exist/],
])("%j is refused with what to write", async (args, message) => {
  const { exitCode, err } = await init(folderWith({ "incident.csv": CSV }), args);
  expect({ exitCode, err }).toEqual({ exitCode: 2, err: expect.stringMatching(message) });
});

test.each([
  ["latency_ms\n1\n", /incident\.csv lacks columns[\s\S]*has the column "time"/],
  ["time,latency_ms\n0,1\n", /has one row/],
  ["time,latency_ms\n0,1\n0,2\n", /incident\.csv:3 has a time that does not come after the one before/],
  ["time,latency_ms\n0,1\nsoon,2\n", /incident\.csv:3 has a time that is none: "soon"/],
  ["time,latency_ms\n0,1\n1,-2\n", /incident\.csv:3 has "-2" for "latency_ms"/],
  ["time,errors\n0,0\n1,25\n", /incident\.csv:3 has "25" for "errors"/],
  ["time,latency_ms,latency_s\n0,1,1\n1,1,1\n", /has "latency" twice/],
  ["time,latency_ms\n0,1\n\n\n1,-2\n", /incident\.csv:5 has "-2"/],
  ["time,latency_ms\n1772366400000,1\n1772370000000,1\n", /is longer than a day\. Times are seconds/],
  ["time,latency_ms,rate\n0,1,2000000\n1,1,1\n", /has "2000000" for "rate"/],
  ["time,latency_ms\n0,0.1\n1,0.2\n", /without the dependency's latency or errors has no fault/],
  ["time,rate\n0,1\n1,1\n", /without the dependency's latency or errors has no fault/],
])("%j as a file is refused with the line", async (csv, message) => {
  const { exitCode, err } = await init(folderWith({ "incident.csv": csv }), ["--from", "incident.csv"]);
  expect({ exitCode, err }).toEqual({ exitCode: 2, err: expect.stringMatching(message) });
});

test("what Prometheus refuses, or gives several series for, is said with what to do", async () => {
  const server = await prometheusDouble((query) =>
    query === "two"
      ? [
          { labels: { a: "1" }, value: 1 },
          { labels: { a: "2" }, value: 2 },
        ]
      : query === "none"
        ? []
        : null,
  );
  const ask = (query: string) =>
    init(folderWith({}), [
      ...["--from", "prometheus", "--prometheus", server.url],
      ...["--range", "2026-11-24T10:00/11:00", "--latency", query],
    ]);
  expect(await ask("two")).toMatchObject({
    exitCode: 2,
    err: expect.stringMatching(/--latency: the query gives 2 series[\s\S]*sum\(…\)/),
  });
  expect(await ask("none")).toMatchObject({
    exitCode: 2,
    err: expect.stringMatching(/gives no series in that time/),
  });
  expect(await ask("bad")).toMatchObject({
    exitCode: 2,
    err: expect.stringMatching(/--latency: Prometheus gave no series: bad_data: parse error/),
  });
});
