import { readdirSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Report } from "../../src/analysis/document/report.js";
import { faultline, root, startFaultline, temporaryFolder } from "../helpers/faultline.js";
import { killRun } from "../helpers/kill/kill-run.js";

/**
 * Asks its dependency for each request, on a new connection. Without an answer it says so, and is well all the same. For
 * /careless it verifies no certificate.
 */
const SHOP = `
  const { get } = require("node:https");
  const ask = (rejectUnauthorized) => new Promise((resolve) => {
    get(process.env.PAYMENTS, { agent: false, timeout: 1000, rejectUnauthorized }, (answer) => answer.resume().on("end", () => resolve("paid")))
      .on("timeout", function () { this.destroy(); })
      .on("error", (error) => resolve(error.code));
  });
  require("node:http")
    .createServer(async ({ url }, answer) => answer.end(await ask(url !== "/careless")))
    .listen(process.env.PORT, "127.0.0.1");
`;
const PAYMENTS = `require("node:http").createServer((_, answer) => answer.end("ok")).listen(process.env.PORT, "127.0.0.1")`;

async function shop({ env = {}, phases }: { readonly env?: object; readonly phases: object }) {
  const folder = await temporaryFolder();
  await writeFile(join(folder, "shop.cjs"), SHOP);
  await writeFile(join(folder, "payments.cjs"), PAYMENTS);
  const service = (name: string, more: object) => ({
    run: `node ${name}.cjs`,
    env: { PORT: `\${services.${name}.port}`, ...more },
    ready: `tcp://127.0.0.1:\${services.${name}.port}`,
  });
  const scenario = {
    faultline: 1,
    name: "Certificates",
    evidence: "observed",
    services: {
      payments: service("payments", {}),
      shop: service("shop", { PAYMENTS: "${proxies.payments.url}", ...env }),
    },
    proxies: {
      payments: {
        protocol: "http",
        listen: "https://127.0.0.1:0",
        upstream: "127.0.0.1:${services.payments.port}",
      },
    },
    load: {
      target: "http://127.0.0.1:${services.shop.port}",
      rate: "10/s",
      timeout: "5s",
      requests: [{ path: "/" }, { path: "/careless" }],
    },
    phases,
    slos: ["availability >= 50%"],
    faults: [{ name: "expired", proxy: "payments", tls: "expired" }],
  };
  const file = join(folder, "scenario.yaml");
  // JSON is YAML.
  await writeFile(file, JSON.stringify(scenario, null, 2));
  const temporary = join(folder, "tmp");
  await mkdir(temporary);
  const options = {
    cwd: folder,
    env: { FAULTLINE_STATE_DIR: join(folder, "state"), TMPDIR: temporary },
  };
  const trustFolders = () => readdirSync(temporary).filter((name) => name.startsWith("faultline-tls-"));
  return { folder, file, options, trustFolders };
}

const SHORT = { warmup: "0s", baseline: "3s", fault: "3s", recovery: "3s" };

test("a service that faultline starts trusts its proxy, meets the fault, and nothing of it is left", async () => {
  const { folder, file, options, trustFolders } = await shop({ phases: SHORT });
  const out = join(folder, "out");
  const { stdout, stderr, code } = await faultline(["run", file, "--json", "--out", out], options);
  expect(code, stderr).toBe(0);
  const report: Report = JSON.parse(stdout);
  expect(report.faults).toMatchObject([
    {
      name: "expired",
      injection: { proven: true, strength: "observed", description: "certificate of payments expired" },
    },
  ]);
  const record = JSON.parse(await readFile(join(out, "record.json"), "utf8"));
  const [{ evidence }] = record.faults[0].proof.targets;
  const { met, closed, wentOn } = evidence.handshakes;
  expect(Math.min(closed, wentOn)).toBeGreaterThan(3);
  expect(closed + wentOn).toBeGreaterThan(met / 2);
  const findings = report.faults[0]?.findingIds ?? [];
  expect(findings.slice(0, 2)).toEqual(["accepted_certificate", "handshakes"]);
  expect(trustFolders()).toEqual([]);
});

test("the scenario with bad certificates shows a shop that notices them and goes on", async () => {
  const out = join(await temporaryFolder(), "out");
  const phases = "phases={ warmup: 1s, baseline: 5s, fault: 5s, recovery: 4s }";
  const args = ["run", "scenarios/tls-faults.yaml", "--json", "--out", out, "--no-history", "--set", phases];
  const { stdout, stderr } = await faultline(args, { cwd: root, timeoutMs: 180_000 });
  const { faults }: Report = JSON.parse(stdout);
  expect(faults, stderr).toHaveLength(3);
  for (const { injection, findingIds } of faults) {
    expect(injection).toMatchObject({ proven: true, strength: "observed" });
    expect(findingIds).toContain("handshakes");
    expect(findingIds).not.toContain("accepted_certificate");
  }
  // What was observed of so few requests depends on the machine; that orders went on does not.
  for (const { slos } of faults)
    expect(slos.find(({ slo }) => slo?.text === "availability >= 99%")?.verdict).toBe("pass");
});

/** Runs until the fault is in place; then the run is killed, and its watchdog before it where that is asked for. */
async function killed(isAlone: boolean) {
  const here = await shop({ phases: { ...SHORT, warmup: "0s", baseline: "1s", fault: "60s" } });
  const run = startFaultline(["run", here.file, "--out", join(here.folder, "out")], here.options);
  run.finished.catch(() => {});
  onTestFinished(() => void run.child.kill("SIGKILL"));
  await expect.poll(here.trustFolders, { timeout: 60_000 }).toHaveLength(1);
  await killRun(run, { withWatchdog: isAlone });
  return here;
}

test.runIf(process.platform === "linux")("after kill -9 the watchdog removes the certificates", async () => {
  const { trustFolders } = await killed(false);
  await expect.poll(trustFolders, { timeout: 30_000 }).toEqual([]);
});

test.runIf(process.platform === "linux")(
  "where the watchdog was killed as well, heal removes them",
  async () => {
    const { trustFolders, options } = await killed(true);
    expect(trustFolders()).toHaveLength(1);
    const healed = await faultline(["heal"], options);
    expect(healed.code, healed.stdout).toBe(0);
    expect(healed.stdout).toContain("remove certificate files in ");
    expect(trustFolders()).toEqual([]);
  },
);
