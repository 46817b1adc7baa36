import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import http from "node:http";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { parseAllDocuments } from "yaml";
import type { Report } from "../../src/analysis/document/report.js";
import {
  DEPLOYMENT,
  fieldAt,
  listAt,
  NETWORK_POLICY,
  numberAt,
  type ResourceKind,
  SERVICE,
} from "../../src/kubernetes/objects.js";
import { openCluster } from "../../src/kubernetes/open-cluster.js";
import { pickFreePort } from "../../src/run/reach/local-port.js";
import { onTestFinished, testAtOnce } from "../helpers/at-once.js";
import { faultline, startFaultline, temporaryFolder } from "../helpers/faultline.js";
import { startApiDouble } from "../helpers/kubernetes/api-double.js";
import { hasToxiproxy, startToxiproxyServer } from "../helpers/real-toxiproxy.js";

const isInstalled = hasToxiproxy("toxiproxy-server");
const TOKEN = "a-token-of-the-tests";

const SIDECAR = ["--form", "sidecar", "--into", "shop"];

/** A service behind a proxy that stands in a pod, which this machine plays, and what `emit` prints for it. */
async function surroundings(
  server: string,
  {
    form = SIDECAR,
    host = "127.0.0.1",
    more = {},
  }: { form?: readonly string[]; host?: string; more?: object } = {},
) {
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
    proxies: { shop: { listen, upstream: `${host}:${typeof bound === "object" ? bound?.port : 0}` } },
    load: { target: `http://${listen}`, rate: "50/s" },
    phases: { warmup: "0s", baseline: "1s", fault: "2s", recovery: "1s" },
    slos: ["availability >= 99%"],
    faults: [{ name: "slow shop", proxy: "shop", latency: "100ms" }],
    ...more,
  };
  const file = join(folder, "scenario.yaml");
  // JSON is YAML.
  await writeFile(file, JSON.stringify(scenario));
  const env = { TOXIPROXY_AUTH_TOKEN: TOKEN, FAULTLINE_STATE_DIR: join(folder, "state") };
  const options = { cwd: folder, env };
  const of = [...form, "--server", server, "--image", "r.example.com/server:1"];
  const { code, stdout, stderr } = await faultline(["emit", "kubernetes-toxiproxy", file, ...of], options);
  if (code !== 0) throw new Error(stderr);
  return { folder, file, listen, options, printed: parseAllDocuments(stdout).map((each) => each.toJS()) };
}

/** The arguments of a container of what is printed, whose files and addresses this machine has. */
async function argumentsOf(
  folder: string,
  configMap: { readonly data: Readonly<Record<string, string>> },
  container: { readonly args: readonly string[] },
  host = "127.0.0.1",
): Promise<readonly string[]> {
  const config = join(folder, "proxies.json");
  const here = (text: string) => text.replaceAll("0.0.0.0", host);
  await writeFile(config, here(configMap.data["proxies.json"] ?? ""));
  return container.args.map((argument) => here(argument).replace("/etc/toxiproxy/proxies.json", config));
}

async function sidecarOf({ folder, printed }: Awaited<ReturnType<typeof surroundings>>) {
  const [configMap, deployment] = printed;
  return argumentsOf(folder, configMap, deployment.spec.template.spec.initContainers[0]);
}

/** `faultline proxy` with these arguments, on a port that the system picks. @returns its URL. */
async function startProxies(args: readonly string[], options: { cwd: string; env: Record<string, string> }) {
  const server = startFaultline(
    args.map((argument) => (argument === "8474" ? "0" : argument)),
    options,
  );
  server.finished.catch(() => {});
  onTestFinished(() => void server.child.kill("SIGTERM"));
  for (const until = Date.now() + 20_000; !server.output().includes("Toxiproxy API on http:"); ) {
    if (Date.now() > until) throw new Error(`it does not begin: ${server.output()}`);
    await sleep(50);
  }
  return /http:\S+(?=,)/.exec(server.output())?.[0] ?? "";
}

/** The DNS of a cluster, for a process of ours: this name leads to this machine. @returns the environment for it. */
async function dnsOf(folder: string, host: string): Promise<Record<string, string>> {
  const file = join(folder, "dns.mjs");
  await writeFile(
    file,
    `import dns from "node:dns";
const { lookup } = dns;
dns.lookup = (host, ...of) => lookup(host === ${JSON.stringify(host)} ? "127.0.0.1" : host, ...of);
`,
  );
  return { NODE_OPTIONS: `--import ${pathToFileURL(file).href}` };
}

/** Leads connections to a port of this machine to another one, as a Service leads them to a pod. @returns the port. */
async function serve(port: number, to: { readonly host: string; readonly port: number }): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const pod = connect(to);
    for (const [socket, other] of [
      [client, pod],
      [pod, client],
    ] as const) {
      sockets.add(socket);
      socket.on("error", () => other.destroy());
      socket.on("close", () => other.destroy());
      socket.pipe(other);
    }
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const bound = server.address();
  return typeof bound === "object" && bound ? bound.port : 0;
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
    const url = await startProxies(await sidecarOf(set), set.options);
    expect((await fetch(`${url}/proxies`)).status).toBe(401);
    const { report, standing } = await drive(url, set);
    expect(report.faults[0]).toMatchObject({
      verdict: "pass",
      injection: { proven: true, strength: "observed" },
    });
    expect(standing).toMatchObject({ shop: { listen: set.listen, enabled: true, toxics: [] } });
  },
);

const KIND_NAMES = ["ConfigMap", "Service", "Deployment", "NetworkPolicy"];
const CONFIG_MAP: ResourceKind = { ...SERVICE, kind: "ConfigMap", plural: "configmaps" };
const KINDS = [CONFIG_MAP, SERVICE, DEPLOYMENT, NETWORK_POLICY];

testAtOnce("a run drives the Deployment that `emit` prints, through its Service", async ({ expect }) => {
  const double = await startApiDouble({ namespaces: ["shop"], kinds: [CONFIG_MAP], podMs: 20 });
  onTestFinished(() => double.close());
  // A run finds it up by the same scenario.
  const more = {
    allowHosts: ["well.shop.svc"],
    kubernetes: { ready: "k8s://shop/deployment/faultline-toxiproxy" },
  };
  const host = "well.shop.svc";
  const set = await surroundings("faultline", { form: ["--namespace", "shop"], host, more });
  expect(set.printed.map(({ kind }) => kind)).toEqual(KIND_NAMES);
  const cluster = await openCluster({ context: null }, { env: double.env, allowedHosts: [] });
  onTestFinished(() => cluster.close());
  for (const { apiVersion: _, kind, ...object } of set.printed) {
    const resource = KINDS.find((each) => each.kind === kind);
    if (resource) await cluster.create(resource, object);
  }
  const name = "faultline-toxiproxy";
  const found = async (kind: ResourceKind) => cluster.get({ kind, namespace: "shop", name });
  const [container] = listAt(await found(DEPLOYMENT), "spec", "template", "spec", "containers") as [
    { args: string[]; ports: { name?: string; containerPort: number }[] },
  ];
  const configMap = (await found(CONFIG_MAP)) as unknown as { data: Record<string, string> };
  // The pod has an address of its own.
  const pod = "127.0.0.2";
  const args = await argumentsOf(set.folder, configMap, container, pod);
  const inPod = { ...set.options.env, ...(await dnsOf(set.folder, host)) };
  const api = new URL(await startProxies(args, { ...set.options, env: inPod }));
  expect(api.hostname).toBe(pod);
  let url = "";
  for (const each of listAt(await found(SERVICE), "spec", "ports")) {
    const [port, target] = [numberAt(each, "port") ?? 0, fieldAt(each, ["targetPort"])];
    const meant = container.ports.find((one) => one.name === target || one.containerPort === target);
    const isApi = meant?.name === "toxiproxy-api";
    const to = { host: pod, port: isApi ? Number(api.port) : (meant?.containerPort ?? 0) };
    const served = await serve(isApi ? 0 : port, to);
    if (isApi) url = `http://127.0.0.1:${served}`;
  }
  const env = { ...set.options.env, KUBECONFIG: double.kubeconfig };
  const { report, standing } = await drive(url, { ...set, options: { ...set.options, env } });
  expect(report.faults[0]).toMatchObject({
    verdict: "pass",
    injection: { proven: true, strength: "observed" },
  });
  const [, port] = set.listen.split(":");
  expect(standing).toMatchObject({ shop: { listen: `${pod}:${port}`, enabled: true, toxics: [] } });
});

testAtOnce(
  "a run drives what `emit` prints of Toxiproxy itself, and leaves it as it was",
  async ({ expect, skip }) => {
    skip(!isInstalled, "toxiproxy-server is not there");
    const set = await surroundings("toxiproxy");
    const server = await startToxiproxyServer(await sidecarOf(set));
    onTestFinished(() => void server.process.kill());
    const { report, standing } = await drive(server.url, set);
    expect(report.faults[0]?.injection).toMatchObject({ proven: true });
    expect(standing).toMatchObject({ shop: { listen: set.listen, enabled: true, toxics: [] } });
  },
);
