import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import type { Report } from "../../src/analysis/document/report.js";
import { OUTCOMES } from "../../src/measure/outcome.js";
import type { RunRecord } from "../../src/measure/record.js";
import { ALERT_RULES } from "../../src/telemetry/for-prometheus/alert-rules.js";
import { dashboard } from "../../src/telemetry/for-prometheus/dashboard.js";
import { faultline, temporaryFolder } from "../helpers/faultline.js";
import { otlpDouble } from "../helpers/otlp-double.js";
import { numberOf, type QueriedSeries, startPrometheus } from "../helpers/real-prometheus.js";
import { writeShopScenario } from "../helpers/scenarios.js";
import { needsServer } from "../helpers/shipped-scenario.js";

/** The inventory of the shop alone, behind a proxy, with SLOs that hold on a busy machine, too. */
async function runInventory(telemetry: object, env: Readonly<Record<string, string>> = {}) {
  const folder = await temporaryFolder();
  const file = await writeShopScenario(folder, (scenario) => {
    delete scenario.services.shop;
    Object.assign(scenario.load, {
      target: "http://${proxies.inventory.listen}",
      tracing: { traceLink: "http://127.0.0.1:16686/trace/${traceId}" },
      timeout: "10s",
      requests: [{ name: "stock", path: "/stock" }],
    });
    scenario.slos = ["availability >= 50%", "p99 < 9s"];
    Object.assign(scenario, { name: "Inventory in a test", telemetry });
  });
  const out = join(folder, "out");
  const run = await faultline(
    ["run", file, "--no-history", "--out", out, "--reporter", "json,html,md,prom"],
    { env, timeoutMs: 200_000 },
  );
  const read = (name: string) => readFile(join(out, name), "utf8");
  return { ...run, read };
}

const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);

test("a real Prometheus gives back what it was told, and a collector was told the same: every request, the phases, and the results as faultline.prom has them", {
  // A machine that is very busy leaves verdicts open, and phases are measured again.
  retry: 2,
}, async (context) => {
  needsServer(context, "prometheus", "prometheus");
  const prometheus = await startPrometheus();
  const remoteWrite = { url: `${prometheus.url}/api/v1/write`, labels: { team: "shop" } };
  const otlp = await otlpDouble();
  const { code, stdout, stderr, read } = await runInventory({
    remoteWrite,
    otlp: otlp.url,
    jsonLines: true,
  });
  expect(code, stdout + stderr).toBe(0);
  const record: RunRecord = JSON.parse(await read("record.json"));
  const taken = { sent: expect.any(Number), dropped: 0, trouble: null };
  expect(record.telemetry).toEqual([
    { exporter: "remoteWrite", to: remoteWrite.url, ...taken },
    { exporter: "otlp", to: `${otlp.url}/v1/metrics`, ...taken },
    { exporter: "otlp", to: `${otlp.url}/v1/traces`, ...taken },
    { exporter: "jsonLines", to: "telemetry.jsonl", ...taken },
  ]);
  expect(stdout).not.toContain("Telemetry");

  const all = await prometheus.query('{job="faultline", team="shop", scenario="Inventory in a test"}[1h]');
  const named = (name: string) => all.filter(({ labels }) => labels.__name__ === name);
  const lastSum = (series: readonly QueriedSeries[]) => sum(series.map(({ values }) => values.at(-1) ?? 0));

  const requests = named("faultline_requests_total");
  for (const outcome of OUTCOMES) {
    const ofOutcome = requests.filter(({ labels }) => labels.outcome === outcome);
    const counted = sum(record.phases.flatMap(({ all: { outcomes } }) => outcomes[outcome]));
    expect(lastSum(ofOutcome), outcome).toBe(counted + record.unjudged.outcomes[outcome]);
  }
  const phases = requests.filter(({ labels }) => labels.outcome === "ok");
  expect(phases.map(({ labels: { phase, id, fault } }) => [phase, id, fault]).sort()).toEqual(
    record.phases.map(({ kind, id, fault }) => [kind, id, fault ?? undefined]).sort(),
  );
  for (const { values } of phases) {
    expect(values[0]).toBe(0);
    expect(values).toEqual([...values].sort((a, b) => a - b));
  }
  const baseline = phases.find(({ labels }) => labels.phase === "baseline");
  expect(baseline?.values.length).toBeGreaterThanOrEqual(3);

  const ok = lastSum(phases);
  const buckets = named("faultline_request_duration_seconds_bucket");
  expect(lastSum(buckets.filter(({ labels }) => labels.le === "+Inf"))).toBe(ok);
  expect(lastSum(named("faultline_request_duration_seconds_count"))).toBe(ok);
  expect(lastSum(buckets.filter(({ labels }) => labels.le === "0.001"))).toBeLessThan(ok);
  const median = named("faultline_request_duration_quantile_seconds").find(
    ({ labels }) => labels.phase === "fault" && labels.quantile === "0.5",
  );
  // The dependency takes 50 ms longer.
  expect(Math.max(...(median?.values ?? []))).toBeGreaterThan(0.04);

  const lines = (await read("faultline.prom")).split("\n").filter((line) => /^faultline_/.test(line));
  expect(lines.length).toBeGreaterThan(20);
  const results = all.map(({ labels: { job, team, ...labels }, values }) => [keyOf(labels), values.at(-1)]);
  const known = new Map(results as [string, number][]); // pairs of the line above
  for (const line of lines) {
    const [, name = "", labels = "", value = ""] = /^(\w+)\{(.*)\} (\S+)$/.exec(line) ?? [];
    const pairs = [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = "", text = ""]) => [key, text]);
    expect(known.get(keyOf({ __name__: name, ...Object.fromEntries(pairs) })), line).toBe(numberOf(value));
  }

  // A collector was told the same.
  const points = otlp.metrics.flatMap(({ name, sum: { dataPoints = [] } = {} }) =>
    name === "faultline.requests" ? dataPoints : [],
  );
  const toldLast = new Map(
    points.flatMap(({ attributes, asInt }) =>
      asInt === undefined ? [] : [[JSON.stringify(attributes), Number(asInt)] as const],
    ),
  );
  expect(sum([...toldLast.values()])).toBe(lastSum(requests));
  const ofRun = otlp.spans.filter(({ name }) => name !== "stock");
  expect(ofRun.map(({ name }) => name).sort()).toEqual(
    ["run", "injected fault", ...record.phases.map(({ kind }) => kind)].sort(),
  );

  // Requests that reports name are there: as roots of their own traces, and below their phases.
  const traced = record.phases.flatMap(({ traces = [] }) => traces);
  expect(traced.length).toBeGreaterThanOrEqual(5 * record.phases.length);
  const requestSpans = otlp.spans.filter(({ name }) => name === "stock");
  const roots = new Map(
    requestSpans.filter(({ parentSpanId }) => parentSpanId === undefined).map((span) => [span.traceId, span]),
  );
  const below = requestSpans.filter(({ parentSpanId }) => parentSpanId !== undefined);
  expect(below).toHaveLength(traced.length);
  for (const { traceId } of traced) {
    const root = roots.get(traceId);
    const inRun = below.find(({ links = [] }) => links[0]?.traceId === traceId);
    const phase = ofRun.find(({ spanId }) => spanId === inRun?.parentSpanId);
    expect(root?.links).toEqual([{ traceId: phase?.traceId, spanId: phase?.spanId }]);
  }
  const { phases: reported }: Report = JSON.parse(await read("report.json"));
  const links = reported.flatMap(({ traces = [] }) => traces.map(({ link }) => link));
  expect(links).toEqual(traced.map(({ traceId }) => `http://127.0.0.1:16686/trace/${traceId}`));

  // Examples came along.
  const examples = await prometheus.exemplars("faultline_request_duration_seconds_bucket");
  expect(examples.length).toBeGreaterThan(0);
  for (const traceId of examples) expect(roots.has(traceId)).toBe(true);

  // So were lines in the run's folder.
  const logged = (await read("telemetry.jsonl")).trimEnd().split("\n");
  const seconds: { readonly faultline: { readonly requests?: Readonly<Record<string, number>> } }[] =
    logged.map((line) => JSON.parse(line));
  const inSeconds = seconds.flatMap(({ faultline: { requests: counts } }) => Object.values(counts ?? {}));
  expect(sum(inSeconds)).toBe(lastSum(requests));
  expect(logged.at(-1)).toContain('"faultline.slo"');

  // All that the dashboard asks for is there.
  const found = new Map<string, readonly QueriedSeries[]>();
  for (const { title, expr } of dashboardQueries()) {
    const query = expr
      .replaceAll("$__rate_interval", "5s")
      .replaceAll("$__range", "1h")
      .replaceAll("$scenario", ".*");
    // What was told last lies behind the last whole second since the run began.
    found.set(title, await prometheus.range(query, Date.parse(record.startedAt), Date.now() + 1000));
  }
  for (const [title, series] of found) {
    expect(series.flatMap(({ values }) => values).filter(Number.isFinite).length, title).toBeGreaterThan(0);
  }
  const valuesOf = (title: string) => found.get(title)?.map(({ labels }) => labels) ?? [];
  expect(
    valuesOf("Requests by outcome")
      .map(({ outcome }) => outcome)
      .sort(),
  ).toEqual([...OUTCOMES].sort());
  expect(valuesOf("Faults").map(({ fault }) => fault)).toEqual(["slow inventory"]);
  expect(valuesOf("SLOs").length).toBeGreaterThanOrEqual(2);
  expect(await prometheus.query(alertExpression("FaultlineRunDidNotPass"))).toEqual([]);
  expect(await prometheus.query(alertExpression("FaultlineRunIsOld"))).toEqual([]);
  const soon = alertExpression("FaultlineRunIsOld").replace("7 * 86400", "1");
  expect(await prometheus.query(soon)).toMatchObject([{ labels: { scenario: "Inventory in a test" } }]);

  // The series of the phases end with the run.
  expect(await prometheus.query("faultline_requests_total")).toEqual([]);
  expect(await prometheus.query("faultline_run_passed")).toMatchObject([{ values: [1] }]);
});

interface Dashboard {
  readonly panels: readonly {
    readonly title: string;
    readonly targets: readonly { readonly expr: string }[];
  }[];
  readonly annotations: { readonly list: readonly { readonly name: string; readonly expr: string }[] };
}

function dashboardQueries(): readonly { readonly title: string; readonly expr: string }[] {
  const { panels, annotations } = dashboard() as Dashboard; // as the panels of Grafana are
  return [
    ...panels.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ title, expr }))),
    ...annotations.list.map(({ name, expr }) => ({ title: name, expr })),
  ];
}

/** As the file of rules has it. */
function alertExpression(name: string): string {
  const { groups }: { groups: { rules: { alert: string; expr: string }[] }[] } = parse(ALERT_RULES);
  const rule = groups.flatMap(({ rules }) => rules).find(({ alert }) => alert === name);
  if (!rule) throw new Error(`no alert ${name}`);
  return rule.expr;
}

/** Empty labels are none. */
function keyOf(labels: Readonly<Record<string, string>>): string {
  return JSON.stringify(
    Object.entries(labels)
      .filter(([, value]) => value !== "")
      .sort(),
  );
}

test("a receiver that refuses changes neither load nor verdict; its words are shown, without the secret", async () => {
  const server = createServer((request, response) => {
    response.writeHead(401).end(`who is ${request.headers.authorization}?`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo; // it listens on TCP
  const { code, stdout, stderr, read } = await runInventory(
    {
      remoteWrite: {
        url: `http://127.0.0.1:${port}/write`,
        headers: { authorization: "Bearer ${env.PROM_TOKEN}" },
      },
    },
    { PROM_TOKEN: "correct-horse-battery" },
  );
  expect(code, stdout + stderr).toBe(0);
  const report: Report = JSON.parse(await read("report.json"));
  expect(report.verdict).toBe("pass");
  expect(report.telemetry).toMatchObject([{ exporter: "remoteWrite", sent: 0, trouble: { id: "refused" } }]);
  expect(report.telemetry?.[0]?.dropped).toBeGreaterThan(10);
  const told = `taken by http://127.0.0.1:${port}/write: it answered 401, "who is Bearer •••?"`;
  expect(stdout.replace(/\s+/g, " ")).toContain(told);
  for (const name of ["report.html", "report.md", "report.json", "record.json"]) {
    const text = await read(name);
    expect(text, name).toContain("who is Bearer •••?");
    expect(text, name).not.toContain("correct-horse");
  }
  expect(stdout + stderr).not.toContain("correct-horse");
});
