import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { homedir } from "node:os";
import { join } from "node:path";
import { pickFreePort } from "../../src/run/reach/local-port.js";
import { onTestFinished } from "./at-once.js";
import { startChild } from "./children/start-child.mjs";
import { temporaryFolder } from "./faultline.js";
import { hasProgram } from "./has-program.js";
import { sleep } from "./proxy-line.js";

/** Where scenarios/envoy-gateway/envoy.sh puts it. */
const CACHED = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "faultline-envoy/bin/envoy");
const PROGRAM = existsSync(CACHED) ? CACHED : "envoy";

/** Skips with a word where there is no Envoy; fails in CI. */
export const hasEnvoy = hasProgram(PROGRAM, "sh scenarios/envoy-gateway/envoy.sh get");

/** The configuration of a fault filter, without its type. null: a connection manager without the filter. */
export type FilterConfiguration = Readonly<Record<string, unknown>> | null;

/** Both kinds of faults, at a share of 0. */
export const IDLE_FILTER = {
  abort: { http_status: 503, percentage: { numerator: 0 } },
  delay: { fixed_delay: "1s", percentage: { numerator: 0 } },
};

export interface RealEnvoy {
  /** URL of its admin interface. */
  readonly admin: string;
  /** URL of each connection manager, by `stat_prefix`. */
  readonly urls: Readonly<Record<string, string>>;
  /** At once, without a word to anybody. */
  kill(): Promise<void>;
  /** On the same ports. */
  start(): Promise<void>;
  /** What the admin interface answers. */
  ask(path: string, method?: "GET" | "POST"): Promise<string>;
  /** The final value of a key of its runtime. undefined: it has none. */
  runtime(key: string): Promise<string | undefined>;
}

export interface EnvoyOptions {
  /** The fault filter of each connection manager, by name, which is its `stat_prefix`, too. */
  readonly managers?: Readonly<Record<string, FilterConfiguration>>;
  /** Connection managers whose `stat_prefix` is not their name. */
  readonly statPrefixes?: Readonly<Record<string, string>>;
  /** What the route of a connection manager has in place of its fault filter, without its type. */
  readonly ofRoutes?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** `stats_config` of envoy.yaml. */
  readonly stats?: Readonly<Record<string, unknown>>;
  /** Layers of its runtime. Default: an admin layer. null: its configuration says nothing of them. */
  readonly layers?: readonly Readonly<Record<string, unknown>>[] | null;
}

/** An Envoy on free ports of this machine, before a server that answers everything. It ends with the test. */
export async function startEnvoy({
  managers = { ingress: IDLE_FILTER },
  layers = [{ name: "admin", admin_layer: {} }],
  statPrefixes = {},
  ofRoutes = {},
  stats,
}: EnvoyOptions = {}): Promise<RealEnvoy> {
  const upstream = createServer((_, answer) => answer.end("from the upstream")).listen(0, "127.0.0.1");
  await once(upstream, "listening");
  onTestFinished(() => {
    upstream.closeAllConnections();
    upstream.close();
  });
  const upstreamPort = (upstream.address() as AddressInfo).port;
  const adminPort = await pickFreePort();
  const ports = new Map<string, number>();
  for (const name of Object.keys(managers)) ports.set(name, await pickFreePort());
  const file = join(await temporaryFolder(), "envoy.json");
  const configuration = {
    admin: { address: addressAt(adminPort) },
    ...(layers === null ? {} : { layered_runtime: { layers } }),
    ...(stats && { stats_config: stats }),
    static_resources: {
      listeners: Object.entries(managers).map(([name, filter]) =>
        listener(name, ports.get(name) ?? 0, filter, {
          statPrefix: statPrefixes[name] ?? name,
          ofRoute: ofRoutes[name],
        }),
      ),
      clusters: [
        {
          name: "upstream",
          type: "STATIC",
          load_assignment: {
            cluster_name: "upstream",
            endpoints: [{ lb_endpoints: [{ endpoint: { address: addressAt(upstreamPort) } }] }],
          },
        },
      ],
    },
  };
  // JSON is YAML.
  await writeFile(file, JSON.stringify(configuration));
  const admin = `http://127.0.0.1:${adminPort}`;
  const ask: RealEnvoy["ask"] = async (path, method = "GET") =>
    (await fetch(`${admin}${path}`, { method })).text();
  let child: ChildProcess | null = null;
  const kill = async () => {
    const running = child;
    child = null;
    if (running === null) return;
    running.kill("SIGKILL");
    await once(running, "exit");
  };
  const start = async () => {
    const args = ["--config-path", file, "--concurrency", "1", "--disable-hot-restart", "--log-level", "off"];
    child = startChild(PROGRAM, args, { stdio: "ignore" });
    await answers(`${admin}/ready`);
  };
  onTestFinished(kill);
  await start();
  return {
    admin,
    urls: Object.fromEntries([...ports].map(([name, port]) => [name, `http://127.0.0.1:${port}`])),
    kill,
    start,
    ask,
    async runtime(key) {
      const { entries } = JSON.parse(await ask("/runtime"));
      return entries[key]?.final_value;
    },
  };
}

async function answers(url: string): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    const answer = await fetch(url).catch(() => null);
    await answer?.text();
    if (answer?.ok) return;
    await sleep(25);
  }
  throw new Error(`Envoy is not ready at ${url}`);
}

function addressAt(port: number) {
  return { socket_address: { address: "127.0.0.1", port_value: port } };
}

const TYPES = "type.googleapis.com/envoy.extensions.filters";

const FAULT = "envoy.filters.http.fault";
const FAULT_TYPE = { "@type": `${TYPES}.http.fault.v3.HTTPFault` };

interface ManagerOptions {
  readonly statPrefix: string;
  readonly ofRoute?: Readonly<Record<string, unknown>> | undefined;
}

function listener(
  name: string,
  port: number,
  filter: FilterConfiguration,
  { statPrefix, ofRoute }: ManagerOptions,
) {
  const fault = filter && { name: FAULT, typed_config: { ...FAULT_TYPE, ...filter } };
  const own = ofRoute && { typed_per_filter_config: { [FAULT]: { ...FAULT_TYPE, ...ofRoute } } };
  const router = { name: "router", typed_config: { "@type": `${TYPES}.http.router.v3.Router` } };
  const manager = {
    "@type": `${TYPES}.network.http_connection_manager.v3.HttpConnectionManager`,
    stat_prefix: statPrefix,
    route_config: {
      virtual_hosts: [
        {
          name: "all",
          domains: ["*"],
          routes: [{ match: { prefix: "/" }, route: { cluster: "upstream" }, ...own }],
        },
      ],
    },
    http_filters: [...(fault ? [fault] : []), router],
  };
  return {
    name,
    address: addressAt(port),
    filter_chains: [{ filters: [{ name: "manager", typed_config: manager }] }],
  };
}
