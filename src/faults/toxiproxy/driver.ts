import { FaultlineError } from "../../support/errors.js";
import { isAllowedHost, parseAddress } from "../../support/hosts.js";
import type { Standstill } from "../../support/standstills.js";
import type { FaultAction } from "../fault-action.js";
import type { DriverContext, FaultDriver, FaultServer, ProxySpec } from "../fault-driver.js";
import type { InjectionProof, UpstreamDials } from "../proof.js";
import { proxyTokenOf } from "./client/token-variable.js";
import { openFaultPlane } from "./open.js";
import type { ToxiproxyPlane } from "./toxiproxy-plane.js";

export const driver = (): FaultDriver => new ToxiproxyDriver();

/** Faults on connections. A target is a proxy of the scenario, made on the embedded server or on a real one. */
class ToxiproxyDriver implements FaultDriver {
  #opened: ToxiproxyPlane | null = null;
  #server: FaultServer | null = null;
  #listens: readonly string[] = [];

  async prepare(context: DriverContext): Promise<ReadonlyMap<string, string>> {
    const { toxiproxyUrl: url, seed, env, journal, proxies, allowedHosts, onStatus, onLimit } = context;
    onStatus(url === null ? "starting Toxiproxy" : `connecting to Toxiproxy at ${url}`);
    const plane = await openFaultPlane({
      toxiproxyUrl: url,
      toxiproxyToken: proxyTokenOf(env),
      seed,
      passesResetsOf: proxies.flatMap(({ via }) => via ?? []),
      journal,
      onLost: (reason) => context.onLost(new FaultlineError("TOXIPROXY_UNREACHABLE", reason)),
      onLimit,
    });
    this.#opened = plane;
    this.#server = { kind: plane.kind, version: plane.version, url };
    const addresses = await plane.createProxies(proxies);
    this.#listens = [...addresses.values()];
    for (const [name, listen] of addresses) refuseOtherHost(name, listen, allowedHosts);
    return new Map(proxies.flatMap((proxy) => [...namesOf(proxy, addresses.get(proxy.name) ?? "")]));
  }

  get server(): FaultServer | null {
    return this.#server;
  }

  get listens(): readonly string[] {
    return this.#listens;
  }

  markBaseline(): Promise<void> {
    return this.#plane.markBaseline();
  }

  inject(actions: readonly FaultAction[]): Promise<void> {
    return this.#plane.inject(actions);
  }

  prove(): Promise<InjectionProof> {
    return this.#plane.prove();
  }

  async clear(): Promise<void> {
    await this.#opened?.clear();
  }

  async close(): Promise<void> {
    await this.#opened?.close();
  }

  upstreamDials(): Promise<readonly UpstreamDials[]> {
    return this.#plane.upstreamDials();
  }

  accepted(): Promise<ReadonlyMap<string, number>> {
    return this.#plane.accepted();
  }

  standstills(fromMs: number, untilMs: number): readonly Standstill[] | null {
    if (this.#listens.length === 0) return null;
    return this.#opened?.standstills?.(fromMs, untilMs) ?? null;
  }

  get #plane(): ToxiproxyPlane {
    if (!this.#opened) throw new Error("Toxiproxy was not opened");
    return this.#opened;
  }
}

/** A server that is not ours could lead the load anywhere. A text that is no address is no allowed host, either. */
function refuseOtherHost(name: string, listen: string, allowed: readonly string[]): void {
  const host = parseAddress(listen)?.host ?? listen;
  if (isAllowedHost(host, allowed)) return;
  throw new FaultlineError(
    "HOST_NOT_ALLOWED",
    `Toxiproxy says that the proxy "${name}" listens on ${listen}, and ${host} is not this machine`,
  );
}

function namesOf({ name, protocol, tls }: ProxySpec, listen: string): ReadonlyMap<string, string> {
  const colon = listen.lastIndexOf(":");
  const scheme = tls?.servesTls === true ? "https" : "http";
  return new Map([
    [`proxies.${name}.listen`, listen],
    [`proxies.${name}.host`, listen.slice(0, colon)],
    [`proxies.${name}.port`, listen.slice(colon + 1)],
    ...(protocol !== undefined ? [[`proxies.${name}.url`, `${scheme}://${listen}`] as const] : []),
  ]);
}
