import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import type { Report } from "../../src/analysis/document/report.js";
import { OUTCOMES, type Outcome } from "../../src/measure/outcome.js";
import type { RunRecord } from "../../src/measure/record.js";
import { onTestFinished, testAtOnce as test } from "../helpers/at-once.js";
import { faultline, temporaryFolder } from "../helpers/faultline.js";
import { RawWebSocketServer } from "../helpers/websocket-server.js";

/** An echo behind a proxy, with one fault on the way to it. */
async function runWith(fault: string, proxy = "", connection = "new") {
  const server = new RawWebSocketServer(() => ({ onMessage: (to, payload) => to.frame(1, payload) }));
  await server.up();
  onTestFinished(() => server.down());
  const folder = await temporaryFolder();
  const [file, out] = [join(folder, "scenario.yaml"), join(folder, "out")];
  await writeFile(
    file,
    `faultline: 1
name: Feed
evidence: observed
proxies:
  front: { upstream: "127.0.0.1:${server.port}"${proxy} }
load:
  target: "ws://\${proxies.front.listen}"
  rate: 20/s
  timeout: 1s
  requests:
    - name: feed
      websocket:
        path: /feed
        connection: ${connection}
        messages:
          - { send: { json: { op: order, n: "\${seq}" } } }
          - { expect: { json: { $.op: order } } }
phases: { warmup: 1s, baseline: 2s, fault: 2s, recovery: 2s }
slos: [availability(feed) >= 99%, p95 < 300ms]
faults:
  - { name: it, proxy: front, ${fault} }
`,
  );
  const { code, stdout, stderr } = await faultline(["run", file, "--no-history", "--out", out], {
    timeoutMs: 60_000,
  });
  const read = async (name: string) => JSON.parse(await readFile(join(out, name), "utf8"));
  const report: Report = await read("report.json");
  const record: RunRecord = await read("record.json");
  const during = record.phases.find(({ kind }) => kind === "fault");
  if (during === undefined) throw new Error(stdout + stderr);
  const sum = (counts: readonly number[] = []) => counts.reduce((total, count) => total + count, 0);
  const scheduled = sum(during.all.scheduled);
  const of = (outcome: Outcome) => sum(during.all.outcomes[outcome]);
  return { code, stdout, report, reasons: during.reasons, scheduled, of, server };
}

test("a slow network makes exchanges slow", async () => {
  const { code, report, scheduled, of, reasons, server } = await runWith("latency: 300ms", "", "kept");
  expect(reasons).toEqual({});
  expect(of("ok")).toBe(scheduled);
  expect(scheduled).toBeGreaterThan(30);
  const during = report.phases.find(({ kind }) => kind === "fault");
  expect(during?.latencyMs.p50).toBeGreaterThan(295);
  // On a busy machine it may not be sure: then it is 3.
  expect([1, 3]).toContain(code);
  expect(server.violations).toEqual([]);
});

test("a network that is cut off makes all of them fail, by their reason", async () => {
  const { code, scheduled, of, reasons, stdout } = await runWith("partition: both");
  const counts = Object.fromEntries(OUTCOMES.map((outcome) => [outcome, of(outcome)]));
  // A machine with too much to do may not send all of them in time: those are unsent.
  expect(counts, JSON.stringify(reasons)).toMatchObject({ ok: 0, http_error: 0, refused: 0, reset: 0 });
  expect(of("timeout")).toBeGreaterThan(0.8 * scheduled);
  expect(Object.keys(reasons).sort().at(-1)).toMatch(/WebSocket handshake in time|messages in time/);
  // On a busy machine it may not be sure: then it is 3.
  expect([1, 3]).toContain(code);
  expect(stdout).toMatch(/availability\(feed\) >= 99%/);
});

test("a proxy that knows HTTP lets upgrades pass, and answers some of them itself", async () => {
  const { code, scheduled, of, reasons } = await runWith(
    "http: { status: 503, every: 2 }",
    ", protocol: http",
  );
  expect(of("ok") + of("http_error")).toBe(scheduled);
  expect(Math.abs(of("ok") - of("http_error"))).toBeLessThanOrEqual(2);
  expect(reasons).toEqual({ "status 503 to the WebSocket handshake": of("http_error") });
  // On a busy machine it may not be sure: then it is 3.
  expect([1, 3]).toContain(code);
});
