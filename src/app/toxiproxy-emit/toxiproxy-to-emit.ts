import type { ProxySpec } from "../../faults/fault-driver.js";
import type { RunPlan } from "../../plan/run-plan.js";
import { formatAddress } from "../../support/address.js";
import { FaultlineError } from "../../support/errors.js";
import { isLoopback, parseAddress } from "../../support/hosts.js";
import { oneLine, shellWord } from "../../support/printable.js";

/** What is asked for. */
export interface ToxiproxyToEmit {
  readonly form: "deployment" | "sidecar";
  /** Whose server: `faultline proxy`, or Toxiproxy itself. */
  readonly server: "faultline" | "toxiproxy";
  readonly image: string;
  /** Of all objects. */
  readonly name: string;
  /** null: where it is applied. */
  readonly namespace: string | null;
  /** The Deployment that a sidecar goes into. */
  readonly into: string;
  /** The scenario's file, as the user named it. */
  readonly file: string;
  /** That a run has to be allowed, beside the server's own. */
  readonly allowedHosts: readonly string[];
  /** Changes and variables, as the user gave them: a run finds the proxies only with the same. */
  readonly set: readonly string[];
  readonly vars: readonly string[];
  readonly proxies: readonly StandingProxy[];
}

/** A proxy that is there before and after each run. A run finds it by its name, its port and its upstream. */
export interface StandingProxy {
  readonly name: string;
  readonly port: number;
  /** host:port */
  readonly upstream: string;
}

/** The API's own port. */
export const API_PORT = 8474;
/** Below it only root may listen, on many nodes. */
const FIRST_FREE_PORT = 1024;
const ABOVE_ROOT = 10_000;
const LAST_PORT = 65_535;

/** @throws FaultlineError USAGE when a proxy of the scenario cannot stand in a cluster. */
export function standingProxies(
  { proxies }: RunPlan,
  form: ToxiproxyToEmit["form"],
): readonly StandingProxy[] {
  if (proxies.length === 0)
    throw usage("the scenario has no `proxies`: there is nothing to stand in a cluster");
  const standing = proxies.map((proxy) => standingProxy(proxy, form));
  const byPort = new Map([[API_PORT, "the API of Toxiproxy"]]);
  for (const { name, port } of standing) {
    const other = byPort.get(port);
    if (other !== undefined)
      throw usage(
        `proxy "${name}" and ${other} would both listen on ${port}: give it a \`listen\` with another port`,
      );
    byPort.set(port, `proxy "${name}"`);
  }
  return standing;
}

function standingProxy(proxy: ProxySpec, form: ToxiproxyToEmit["form"]): StandingProxy {
  const { name, listen, upstream, protocol, tls } = proxy;
  if (protocol !== undefined || tls !== undefined) {
    const what = protocol === undefined ? "TLS" : `\`protocol: ${protocol}\``;
    throw usage(`proxy "${name}" has ${what}, which a run makes on its own machine, and no Toxiproxy has`);
  }
  const to = parseAddress(upstream);
  if (to === null) throw usage(`proxy "${name}": ${upstream} is no host:port that is known before a run`);
  if (form === "deployment" && isLoopback(to.host)) {
    throw usage(
      `proxy "${name}" leads to ${upstream}, which in a pod is the pod itself: name the Service, or take --form sidecar`,
    );
  }
  const asked = parseAddress(listen)?.port ?? 0;
  if (asked > 0 && asked < FIRST_FREE_PORT)
    throw usage(
      `proxy "${name}": the server is not root, so that it cannot listen on ${asked}: take a port from 1024 on`,
    );
  // In a pod, its containers may listen on the port of the upstream, as the upstream does that is on loopback.
  const isApart = form === "sidecar" || to.port < FIRST_FREE_PORT;
  const port = asked > 0 ? asked : isApart ? to.port + ABOVE_ROOT : to.port;
  if (port > LAST_PORT)
    throw usage(`proxy "${name}": 10,000 above port ${to.port} is no port: give it a \`listen\` with one`);
  if (isLoopback(to.host) && port === to.port)
    throw usage(`proxy "${name}" would lead to itself: give it a \`listen\` with another port than ${port}`);
  return { name, port, upstream: formatAddress(to) };
}

function usage(message: string): FaultlineError {
  return new FaultlineError("USAGE", message);
}

/** The command that drives the server, for people. @param host where its API is found. */
export function runCommand({ file, allowedHosts, set, vars }: ToxiproxyToEmit, host: string): string {
  const hosts = [...(isLoopback(host) ? [] : [host]), ...allowedHosts];
  const option = (name: string, values: readonly string[]) => values.flatMap((each) => [name, each]);
  const url = `http://${host}:${API_PORT}`;
  const more = [...option("--set", set), ...option("--var", vars), ...option("--allow-host", hosts)];
  return ["faultline", "run", file, "--toxiproxy", url, ...more]
    .map((each) => shellWord(oneLine(each)))
    .join(" ");
}
