import { FaultlineError } from "../../support/errors.js";
import { parseAddress } from "../../support/hosts.js";
import type { Standstill } from "../../support/standstills.js";
import { describeLimit } from "../../support/system-limits.js";
import { refuseRemoteServer } from "../between/remote-server.js";
import type { FaultAction } from "../fault-action.js";
import type { DriverContext, FaultDriver, ProxySpec } from "../fault-driver.js";
import { type InjectionProof, noProof, type UpstreamDials } from "../proof.js";
import type { GatewayPlace } from "./gateway/messages.js";
import { type Gateways, startGateways } from "./gateway/start.js";

export const driver = (): FaultDriver => new HttpDriver();

/** Faults on HTTP requests: a gateway of ours stands between each proxy with `protocol: http` and its upstream. */
class HttpDriver implements FaultDriver {
  #gateways: Gateways | null = null;
  #proxies: readonly ProxySpec[] = [];

  async prepare(context: DriverContext): Promise<ReadonlyMap<string, string>> {
    this.#proxies = context.proxies.filter(({ protocol }) => protocol === "http");
    if (this.#proxies.length === 0) return new Map();
    refuseRemoteServer("protocol: http", context.toxiproxyUrl);
    context.onStatus("starting the HTTP gateway");
    const gateways = await startGateways(this.#proxies.map(placeOf), (code) =>
      context.onLimit(`the HTTP gateway lost connections, as ${describeLimit(code)}`),
    );
    this.#gateways = gateways;
    gateways.died.then((reason) => context.onLost(new FaultlineError("GATEWAY_FAILED", reason)));
    return new Map();
  }

  get standsBehind(): ReadonlyMap<string, string> {
    return this.#gateways?.addresses ?? new Map();
  }

  get listens(): readonly string[] {
    return [...this.standsBehind.values()];
  }

  async markBaseline(): Promise<void> {}

  async inject(actions: readonly FaultAction[]): Promise<void> {
    const [first] = actions;
    if (first) throw new Error(`the HTTP gateway cannot do "${first.kind}"`);
  }

  async prove(): Promise<InjectionProof> {
    return noProof("no injection");
  }

  async clear(): Promise<void> {}

  async close(): Promise<void> {
    await this.#gateways?.stop();
  }

  async upstreamDials(): Promise<readonly UpstreamDials[]> {
    const dials = (await this.#gateways?.dials()) ?? [];
    return dials.flatMap((each) => {
      const proxy = this.#proxies.find(({ name }) => name === each.proxy);
      return proxy ? [{ ...each, listen: proxy.listen, upstream: proxy.upstream }] : [];
    });
  }

  standstills(fromMs: number, untilMs: number): readonly Standstill[] | null {
    return this.#gateways?.standstills(fromMs, untilMs) ?? null;
  }
}

function placeOf({ name, upstream, tls }: ProxySpec): GatewayPlace {
  const address = parseAddress(upstream);
  // The scenario's checks have looked at it.
  if (!address) throw new Error(`${upstream} is no address`);
  return { proxy: name, upstream: { address, tls: tls?.upstream ?? null, alpn: ["http/1.1"] } };
}
