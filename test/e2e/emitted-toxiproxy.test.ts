import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import http from "node:http";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import type { Report } from "../../src/analysis/document/report.js";
import { pickFreePort } from "../../src/run/reach/local-port.js";
import { onTestFinished, testAtOnce } from "../helpers/at-once.js";
import { faultline, startFaultline, temporaryFolder } from "../helpers/faultline.js";
import { hasToxiproxy, startToxiproxyServer } from "../helpers/real-toxiproxy.js";

const isInstalled = hasToxiproxy("toxiproxy-server");
const TOKEN = "a-token-of-the-tests";

/** A service behind a proxy that stands in its pod, which this machine plays, and what `emit` prints for it. */
async function surroundings(server: string) {
  const folder = await temporaryFolder();
  const upstream = http.createServer((_, response) => response.end("well"));
  upstream.listen(0, "127.0.0.1");
  await once(upstream, "listening");
  onTestFinished(() => void upstream.close());
  const bound = upstream.address();
  const listen = `127.0.0.1:${await pickFreePort()}`;
  const scenario = {
    faultline: 1,
    name: "Behind a standing Toxiproxy",
    evidence: "observed",
    proxies: { shop: { listen, upstream: `127.0.0.1:${typeof bound === "object" ? bound?.port : 0}` } },
    load: { target: `http://${listen}`, rate: "50/s" },
    phases: { warmup: "0s", baseline: "1s", fault: "2s", recovery: "1s" },
    slos: ["availability >= 99%"],
    faults: [{ name: "slow shop", proxy: "shop", latency: "100ms" }],
  };
  const file = join(folder, "scenario.yaml");
  // JSON is YAML.
  await writeFile(file, JSON.stringify(scenario));
  const env = { TOXIPROXY_AUTH_TOKEN: TOKEN, FAULTLINE_STATE_DIR: join(folder, "state") };
  const options = { cwd: folder, env };
  const form = [
    "--form",
    "sidecar",
    "--into",
    "shop",
    "--server",
    server,
    "--image",
    "r.example.com/server:1",
  ];
  const { code, stdout, stderr } = await faultline(["emit", "kubernetes-toxiproxy", file, ...form], options);
  if (code !== 0) throw new Error(stderr);
  const [configMap, deployment] = parseAllDocuments(stdout).map((document) => document.toJS());
  const config = join(folder, "proxies.json");
  await writeFile(config, configMap.data["proxies.json"]);
  const [container] = deployment.spec.template.spec.initContainers;
  const args: readonly string[] = container.args.map((argument: string) =>
    argument.replace("/etc/toxiproxy/proxies.json", config),
  );
  return { file, listen, args, options };
}

/** A run by the server at this URL, and what stands there after it. */
async function drive(url: string, { file, options }: Awaited<ReturnType<typeof surroundings>>) {
  const args = ["run", file, "--json", "--out", "out", "--no-history", "--toxiproxy", url];
  const { code, stdout, stderr } = await faultline(args, options);
  if (code !== 0) throw new Error(`${code}: ${stderr}${stdout}`);
  const report: Report = JSON.parse(stdout);
  const headers = { Authorization: `Bearer ${TOKEN}` };
  return { report, standing: await (await fetch(`${url}/proxies`, { headers })).json() };
}

testAtOnce(
  "a run drives what `emit` prints of faultline itself, and leaves it as it was",
  async ({ expect }) => {
    const set = await surroundings("faultline");
    // A port that the system picks, instead of the pod's own.
    const args = set.args.map((argument) => (argument === "8474" ? "0" : argument));
    const server = startFaultline(args, set.options);
    server.finished.catch(() => {});
    onTestFinished(() => void server.child.kill("SIGTERM"));
    await expect.poll(() => server.output(), { timeout: 20_000 }).toContain("Toxiproxy API on http:");
    const url = /http:\S+(?=,)/.exec(server.output())?.[0] ?? "";
    expect((await fetch(`${url}/proxies`)).status).toBe(401);
    const { report, standing } = await drive(url, set);
    expect(report.faults[0]).toMatchObject({
      verdict: "pass",
      injection: { proven: true, strength: "observed" },
    });
    expect(standing).toMatchObject({ shop: { listen: set.listen, enabled: true, toxics: [] } });
  },
);

testAtOnce(
  "a run drives what `emit` prints of Toxiproxy itself, and leaves it as it was",
  async ({ expect, skip }) => {
    skip(!isInstalled, "toxiproxy-server is not there");
    const set = await surroundings("toxiproxy");
    const server = await startToxiproxyServer(set.args);
    onTestFinished(() => void server.process.kill());
    const { report, standing } = await drive(server.url, set);
    expect(report.faults[0]?.injection).toMatchObject({ proven: true });
    expect(standing).toMatchObject({ shop: { listen: set.listen, enabled: true, toxics: [] } });
  },
);
