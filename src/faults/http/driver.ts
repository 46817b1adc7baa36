import { FaultlineError } from "../../support/errors.js";
import { parseAddress } from "../../support/hosts.js";
import type { Standstill } from "../../support/standstills.js";
import { describeLimit } from "../../support/system-limits.js";
import { refuseRemoteServer } from "../between/remote-server.js";
import type { FaultAction } from "../fault-action.js";
import type { DriverContext, FaultDriver, ProxySpec } from "../fault-driver.js";
import { HTTP, type HttpRule, httpRuleOf } from "../http-rule.js";
import type { CrossedHttp } from "../http-traffic.js";
import { type InjectionProof, noProof, type TrafficCount, type UpstreamDials } from "../proof.js";
import type { GatewayCounters } from "./gateway/gateway.js";
import type { GatewayPlace, RulesByProxy } from "./gateway/messages.js";
import type { RuleTally } from "./gateway/rules/rule.js";
import { type Gateways, startGateways } from "./gateway/start.js";
import { type ProxySeen, proofOf } from "./tell-rules.js";

export const driver = (): FaultDriver => new HttpDriver();

type Counters = ReadonlyMap<string, GatewayCounters>;

/** Faults on HTTP requests: a gateway of ours stands between each proxy with `protocol: http` and its upstream. */
class HttpDriver implements FaultDriver {
  #gateways: Gateways | null = null;
  #proxies: readonly ProxySpec[] = [];
  #rules: RulesByProxy = {};
  /** Of earlier stages of the fault, by proxy. */
  readonly #gone = new Map<string, readonly RuleTally[]>();
  #atBaseline: Counters | null = null;
  #afterBaseline: Counters | null = null;
  #atFault: Counters | null = null;

  async prepare(context: DriverContext): Promise<ReadonlyMap<string, string>> {
    this.#proxies = context.proxies.filter(({ protocol }) => protocol === HTTP);
    if (this.#proxies.length === 0) return new Map();
    refuseRemoteServer("protocol: http", context.toxiproxyUrl);
    context.onStatus("starting the HTTP gateway");
    const gateways = await startGateways(this.#proxies.map(placeOf), context.seed, (code) =>
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

  async markBaseline(): Promise<void> {
    this.#atBaseline = await this.#counters();
    this.#afterBaseline = null;
  }

  async inject(actions: readonly FaultAction[]): Promise<void> {
    const wanted = rulesBy(actions);
    if (this.#isNothing(this.#rules) && this.#isNothing(wanted)) return;
    for (const proxy of Object.keys(wanted)) {
      if (!this.standsBehind.has(proxy)) throw new Error(`"${proxy}" is no proxy with protocol: http`);
    }
    this.#atFault ??= await this.#counters();
    this.#afterBaseline ??= this.#atFault;
    await this.#setRules(wanted);
  }

  async prove(): Promise<InjectionProof> {
    if (!this.#gateways) return noProof("no injection");
    const seen = await this.#gateways.ask("seen", null);
    const now = await this.#counters();
    const proxies = this.#proxies.flatMap(({ name, listen, upstream }): ProxySeen[] => {
      const rules = [...(this.#gone.get(name) ?? []), ...(seen.get(name)?.rules ?? [])];
      if (rules.length === 0) return [];
      const crossed = (from: Counters | null, until: Counters | null) =>
        countBetween(from?.get(name), until?.get(name));
      return [
        {
          proxy: name,
          listen,
          upstream,
          rules,
          routes: seen.get(name)?.routes ?? [],
          unreadable: seen.get(name)?.unreadable ?? null,
          baseline: crossed(this.#atBaseline, this.#afterBaseline),
          fault: crossed(this.#atFault, now),
        },
      ];
    });
    return proofOf(proxies);
  }

  async clear(): Promise<void> {
    if (!this.#isNothing(this.#rules)) await this.#setRules({});
    this.#gone.clear();
    this.#atFault = null;
  }

  async close(): Promise<void> {
    await this.#gateways?.stop();
  }

  async upstreamDials(): Promise<readonly UpstreamDials[]> {
    const dials = await this.#gateways?.ask("takeDials", null);
    return this.#proxies.flatMap(({ name: proxy, listen, upstream }) => {
      const counted = dials?.get(proxy);
      return counted ? [{ proxy, listen, upstream, ...counted }] : [];
    });
  }

  async crossed(): Promise<readonly CrossedHttp[]> {
    const traffic = await this.#gateways?.ask("takeTraffic", null);
    return [...(traffic ?? [])].map(([proxy, taken]) => ({ proxy, ...taken }));
  }

  standstills(fromMs: number, untilMs: number): readonly Standstill[] | null {
    return this.#gateways?.standstills(fromMs, untilMs) ?? null;
  }

  async #setRules(wanted: RulesByProxy): Promise<void> {
    const gone = await this.#gateways?.ask("setRules", wanted);
    for (const [proxy, tallies] of gone ?? []) {
      this.#gone.set(proxy, [...(this.#gone.get(proxy) ?? []), ...tallies]);
    }
    this.#rules = wanted;
  }

  async #counters(): Promise<Counters | null> {
    return (await this.#gateways?.ask("counters", null)) ?? null;
  }

  #isNothing(rules: RulesByProxy): boolean {
    return Object.keys(rules).length === 0;
  }
}

function rulesBy(actions: readonly FaultAction[]): RulesByProxy {
  const byProxy: Record<string, HttpRule[]> = {};
  for (const action of actions) {
    const rule = httpRuleOf(action);
    if (!rule) throw new Error(`"${action.kind}" is no rule for requests`);
    byProxy[action.target] = [...(byProxy[action.target] ?? []), rule];
  }
  return byProxy;
}

/** null where either is not known. */
function countBetween(
  from: GatewayCounters | undefined,
  until: GatewayCounters | undefined,
): TrafficCount | null {
  if (!from || !until) return null;
  return {
    connections: until.connections - from.connections + from.open,
    bytes: until.bytes - from.bytes,
    clientReads: until.requests - from.requests,
  };
}

function placeOf({ name, upstream, tls }: ProxySpec): GatewayPlace {
  const address = parseAddress(upstream);
  // The scenario's checks have looked at it.
  if (!address) throw new Error(`${upstream} is no address`);
  return { proxy: name, upstream: { address, tls: tls?.upstream ?? null, alpn: ["http/1.1"] } };
}
