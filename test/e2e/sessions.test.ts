import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Report } from "../../src/analysis/document/report.js";
import type { RequestSeries, RunRecord } from "../../src/measure/record.js";
import { faultline, root, temporaryFolder } from "../helpers/faultline.js";

const scenario = (log: string) => `
faultline: 1
name: A shop as its users know it
evidence: observed
services:
  shop:
    run: node shop.mjs
    cwd: ${join(root, "test/fixtures/session-shop")}
    env: { PORT: "\${services.shop.port}", LOG: ${log} }
    ready: http://127.0.0.1:\${services.shop.port}/health
proxies:
  front: { upstream: "127.0.0.1:\${services.shop.port}" }
load:
  target: "http://\${proxies.front.listen}"
  rate: 10/s
  cookies: true
  follow: 3
  journeys:
    - name: saga
      steps:
        - { name: login, method: POST, path: /login, form: { user: ann } }
        - { name: order, method: POST, path: /orders, capture: { where: { header: location } } }
        - name: settled
          path: "\${capture.where}"
          until: { json: { $.state: paid }, every: 40ms, within: 2s }
        - { name: feed, path: /events, stream: { firstEvent: 2s, events: 3, within: 4s } }
phases: { warmup: 1s, baseline: 3s, fault: 3s, recovery: 2s }
slos:
  - journey(saga) >= 99%
  - p95(saga) < 9s
  - p95(until settled) < 4s
  - p50(feed first event) < 3s
faults:
  - { name: slow front, proxy: front, latency: 50ms }
`;

test("sessions, journeys, waits and streams are counted as the service counts them, and stand in every report", {
  timeout: 120_000,
}, async () => {
  const folder = await temporaryFolder();
  const log = join(folder, "asked.log");
  const file = join(folder, "scenario.yaml");
  const out = join(folder, "out");
  await writeFile(file, scenario(log));
  const { code, stdout, stderr } = await faultline(
    ["run", file, "--no-history", "--out", out, "--reporter", "html,csv,prometheus,markdown"],
    { timeoutMs: 100_000 },
  );
  // On a busy machine what its service did is no proof of anything: then it is 3.
  expect([0, 3], stdout + stderr).toContain(code);
  const read = (name: string) => readFile(join(out, name), "utf8");
  const report: Report = JSON.parse(await read("report.json"));
  const record: RunRecord = JSON.parse(await read("record.json"));
  const sum = (counts: readonly number[] = []) => counts.reduce((total, count) => total + count, 0);

  const asked = (await readFile(log, "utf8"))
    .split("\n")
    .filter((line) => line !== "" && !/health/.test(line));
  const due = sum(record.phases.map(({ all }) => sum(all.scheduled)));
  const redirects = sum(record.phases.map(({ all }) => sum(all.redirects)));
  const { scheduled: between, redirects: redirectsBetween = 0, unfinished } = record.unjudged;
  expect(unfinished).toBe(0);
  expect(redirects).toBeGreaterThan(20);
  // What was due between the phases was redirected as well.
  expect(redirectsBetween).toBeGreaterThan(0);
  expect(asked.length).toBe(due + redirects + between + redirectsBetween);

  for (const phase of record.phases) {
    expect(phase.reasons, phase.id).toEqual({});
    const timed = (name: string): RequestSeries | undefined =>
      phase.timed?.find(({ request }) => request === name);
    const saga = timed("saga");
    expect(sum(saga?.outcomes.ok)).toBe(sum(saga?.scheduled));
    expect(sum(saga?.scheduled)).toBeGreaterThan(0);
    const feed = phase.requests.find(({ request }) => request === "feed");
    expect(sum(timed("feed next event")?.outcomes.ok)).toBe(2 * sum(feed?.outcomes.ok));
  }
  const [fault] = report.faults;
  expect(fault?.slos.map(({ reason }) => reason.replace(/\d+/, "N"))).toEqual([
    'None of N journeys named "saga" failed; 1% may.',
    'None of N journeys named "saga" failed or took longer than 9 s; 5% may.',
    'None of N waits named "until settled" failed or took longer than 4 s; 5% may.',
    'None of N events named "feed first event" failed or took longer than 3 s; 50% may.',
  ]);

  const during = report.phases.find(({ kind }) => kind === "fault");
  expect(during?.redirects).toBeGreaterThan(5);
  expect(during?.timed?.map(({ name }) => name)).toEqual([
    "saga",
    "until settled",
    "feed first byte",
    "feed first event",
    "feed next event",
  ]);
  expect(stdout).toMatch(/\d+ redirects followed/);
  expect(stdout).toMatch(/p95\(saga\) < 9s/);
  const csv = await read("buckets.csv");
  expect(csv.split("\r\n")[0]).toMatch(/,redirects$/);
  expect(csv.trimEnd().split("\r\n").at(-1)).toMatch(new RegExp(`between phases,.*,${redirectsBetween}$`));
  expect(csv).toMatch(/,saga,/);
  expect(await read("report.md")).toMatch(/\| Redirects \|/);
  expect(await read("report.md")).toMatch(/\| fault: slow front · journey saga \| \d+ \| 100% \|/);
  const html = await read("report.html");
  expect(html).toMatch(/Journeys and waits in numbers/);
  expect(html).toMatch(/journey saga/);
  const gauges = await read("faultline.prom");
  expect(gauges).toMatch(new RegExp(`faultline_unjudged_redirects\\{[^}]*\\} ${redirectsBetween}\\b`));
  expect(gauges).toMatch(/faultline_phase_redirects\{[^}]*phase="fault"[^}]*\} \d+/);
  expect(gauges).toMatch(/faultline_phase_timed\{[^}]*timed="saga",outcome="ok"[^}]*\} \d+/);
  expect(gauges).toMatch(
    /faultline_phase_timed_seconds\{[^}]*timed="until settled",quantile="0.95"\} 0\.\d+/,
  );

  // A saved run can be asked about its journeys again.
  const again = await faultline([
    "report",
    join(out, "record.json"),
    "--slo",
    "journey(saga) >= 99%",
    "--out",
    join(folder, "again"),
    "--json",
  ]);
  expect([0, 3], again.stderr).toContain(again.code);
});
