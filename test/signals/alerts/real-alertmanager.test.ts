import { type ChildProcess, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, createServer as createListener } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { SignalSpec } from "../../../src/plan/signals/signal-spec.js";
import type { SignalSource } from "../../../src/signals/signal-source.js";
import { openSource } from "../../../src/signals/sources.js";
import { stateOfNumber } from "../../../src/slo/alert-state.js";
import { monotonicMs, sleep } from "../../../src/support/clock.js";
import { boundedRequest, type ClientTls } from "../../../src/support/outside/bounded-request.js";
import { startChild } from "../../helpers/children/start-child.mjs";
import { hasProgram } from "../../helpers/has-program.js";
import { SURROUNDINGS } from "../../helpers/signal-surroundings.js";

const pemFile = (name: string) => new URL(`../../fixtures/tls/${name}`, import.meta.url).pathname;
const pem = (name: string) => readFileSync(pemFile(name), "utf8");
const MUTUAL: ClientTls = {
  ca: pem("ca.pem"),
  cert: pem("client.pem"),
  key: pem("client.key"),
  servername: null,
  verify: true,
};
const PATIENCE_MS = 90_000;
const never = new AbortController().signal;

/** Debian calls it by another name than its authors do. */
const ALERTMANAGER =
  spawnSync("alertmanager", ["--version"]).error === undefined ? "alertmanager" : "prometheus-alertmanager";

/** Both ask each client for a certificate of this authority. */
const WEB = `tls_server_config:
  cert_file: ${pemFile("server.pem")}
  key_file: ${pemFile("server.key")}
  client_ca_file: ${pemFile("ca.pem")}
  client_auth_type: RequireAndVerifyClientCert
`;

const TLS_CONFIG = `{ ca_file: ${pemFile("ca.pem")}, cert_file: ${pemFile("client.pem")}, key_file: ${pemFile("client.key")} }`;

const RULES = `groups:
  - name: shop
    rules:
      - { alert: OrdersFail, expr: max(orders_failing) > 0 }
      - { alert: SiteDown, expr: max(site_down) > 0 }
`;

const ROUTES = `route: { receiver: nobody, group_wait: 0s }
receivers: [{ name: nobody }]
inhibit_rules:
  - { source_matchers: ["alertname = SiteDown"], target_matchers: ["alertname = OrdersFail"] }
`;

const configuration = (metrics: number, alertmanager: number) => `rule_files: [rules.yml]
global: { scrape_interval: 1s, evaluation_interval: 1s }
alerting:
  alertmanagers:
    - { scheme: https, tls_config: ${TLS_CONFIG}, static_configs: [{ targets: ["127.0.0.1:${alertmanager}"] }] }
scrape_configs:
  - { job_name: shop, static_configs: [{ targets: ["127.0.0.1:${metrics}"] }] }
`;

async function freePort(): Promise<number> {
  const server = createListener();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // it listens on TCP
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A page of metrics that says what it is told to. */
async function shop() {
  const told = { orders_failing: 0, site_down: 0 };
  const server = createServer((_, response) => {
    response.end(
      Object.entries(told)
        .map(([name, value]) => `${name} ${value}\n`)
        .join(""),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { told, port: (server.address() as AddressInfo).port }; // it listens on TCP
}

/** Both servers, the one telling the other of its alerts. */
async function startServers(metrics: number) {
  const folder = mkdtempSync(join(tmpdir(), "faultline-alerts-"));
  const [prometheus, alertmanager] = [await freePort(), await freePort()];
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const web = file("web.yml", WEB);
  file("rules.yml", RULES);
  const config = file("prometheus.yml", configuration(metrics, alertmanager));
  await Promise.all([
    started("prometheus", `https://127.0.0.1:${prometheus}`, [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, "series")}`,
      `--web.listen-address=127.0.0.1:${prometheus}`,
      `--web.config.file=${web}`,
    ]),
    started(ALERTMANAGER, `https://127.0.0.1:${alertmanager}`, [
      `--config.file=${file("alertmanager.yml", ROUTES)}`,
      `--storage.path=${join(folder, "alerts")}`,
      `--web.listen-address=127.0.0.1:${alertmanager}`,
      `--web.config.file=${web}`,
      "--cluster.listen-address=",
    ]),
  ]);
  return { prometheus: `https://127.0.0.1:${prometheus}`, alertmanager: `https://127.0.0.1:${alertmanager}` };
}

async function started(program: string, url: string, args: readonly string[]): Promise<ChildProcess> {
  const child = startChild(program, args, { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-4_000);
  });
  onTestFinished(async () => {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    if (child.exitCode === null && child.kill("SIGTERM")) await ended;
  });
  const patienceMs = monotonicMs() + PATIENCE_MS;
  for (;;) {
    const isReady = await asked(`${url}/-/ready`).then(
      ({ status }) => status === 200,
      () => false,
    );
    if (isReady) return child;
    if (child.exitCode !== null || monotonicMs() > patienceMs)
      throw new Error(`${program} did not start: ${said}`);
    await sleep(100);
  }
}

const asked = (url: string, body?: object) =>
  boundedRequest(url, {
    method: body === undefined ? "GET" : "POST",
    headers: { "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    tls: MUTUAL,
    timeoutMs: 10_000,
    mostBytes: 1_000_000,
  });

/** Waits until an alert has this state, as faultline sees it. */
async function becomes(source: SignalSource, state: string): Promise<void> {
  const seen = async () => {
    const nowMs = monotonicMs();
    const { samples, troubles } = await source.between(nowMs - 5_000, nowMs, never);
    const last = samples.at(-1);
    const trouble = troubles.find(({ id }) => id !== "gap");
    if (trouble) return JSON.stringify(trouble);
    return last && "value" in last ? stateOfNumber(last.value) : "nothing";
  };
  await expect.poll(seen, { timeout: PATIENCE_MS, interval: 200 }).toBe(state);
}

test.skipIf(
  !hasProgram("prometheus", "apt-get install prometheus") ||
    !hasProgram(ALERTMANAGER, "apt-get install prometheus-alertmanager"),
)(
  "a real Prometheus fires, a real Alertmanager silences and inhibits, and both are read over mutual TLS",
  {
    timeout: 600_000,
  },
  async () => {
    const { told, port } = await shop();
    const servers = await startServers(port);
    const stop = new AbortController();
    onTestFinished(() => stop.abort());
    const open = async (spec: Pick<SignalSpec, "source" | "reads">) => {
      const opened = await openSource({ name: "s", everyMs: 500, timeoutMs: 10_000, ...spec }, SURROUNDINGS);
      void opened.start(stop.signal);
      return opened;
    };
    const alert = await open({
      source: { kind: "alerts", alert: "OrdersFail", ...servers, headers: {}, tls: MUTUAL },
      reads: { of: "values", value: "OrdersFail" },
    });
    await becomes(alert, "quiet");
    told.orders_failing = 1;
    await becomes(alert, "firing");

    const minuteMs = 60_000;
    const silence = await asked(`${servers.alertmanager}/api/v2/silences`, {
      matchers: [{ name: "alertname", value: "OrdersFail", isRegex: false, isEqual: true }],
      startsAt: new Date(Date.now() - minuteMs).toISOString(),
      endsAt: new Date(Date.now() + 60 * minuteMs).toISOString(),
      createdBy: "test",
      comment: "deploy",
    });
    expect(silence.status).toBe(200);
    await becomes(alert, "silenced");
    // It ends now.
    const { silenceID: id } = JSON.parse(silence.body.toString("utf8"));
    const expired = await asked(`${servers.alertmanager}/api/v2/silences`, {
      id,
      matchers: [{ name: "alertname", value: "OrdersFail", isRegex: false, isEqual: true }],
      startsAt: new Date(Date.now() - minuteMs).toISOString(),
      endsAt: new Date(Date.now() + 1_500).toISOString(),
      createdBy: "test",
      comment: "deploy",
    });
    expect(expired.status, expired.body.toString("utf8")).toBe(200);
    await becomes(alert, "firing");

    told.site_down = 1;
    await becomes(alert, "inhibited");
    told.site_down = 0;
    told.orders_failing = 0;
    await becomes(alert, "quiet");

    const signal = await open({
      source: { kind: "prometheus", url: servers.prometheus, headers: {}, tls: MUTUAL },
      reads: { of: "values", value: "max(orders_failing)" },
    });
    const untilMs = monotonicMs();
    const read = await signal.between(untilMs - 3_000, untilMs, never);
    expect(read.samples.length, JSON.stringify(read.troubles)).toBeGreaterThan(0);
  },
);
