import { FaultlineError } from "../../../support/errors.js";
import { parseAddress } from "../../../support/hosts.js";
import type { Standstill } from "../../../support/standstills.js";
import { describeLimit } from "../../../support/system-limits.js";
import type { FaultAction } from "../../fault-action.js";
import type { DriverContext, FaultDriver, ProxySpec } from "../../fault-driver.js";
import type { CrossedHttp } from "../../http-traffic.js";
import { type InjectionProof, noProof, type TrafficCount, type UpstreamDials } from "../../proof.js";
import { type PlaceServers, startPlaceServers } from "../place-servers.js";
import { refuseRemoteServer } from "../remote-server.js";
import type { Selection } from "../rules/chosen.js";
import type { RuleTally } from "../rules/rule.js";
import { spokenAboveTls } from "../spoken-above-tls.js";
import { shownRoute } from "../traffic/shown-route.js";
import type { GatewayCounters } from "./gateway.js";
import type { GatewayPlace, GatewayQuestions, GatewaysStart, RulesByProxy } from "./gateway-messages.js";
import { type ProxySeen, proofOfRules, type RuleWords } from "./rules-proof.js";

/** What one driver of gateways has of its own. */
export interface GatewayKind<Spec> {
  /** The `protocol` of its proxies. */
  readonly protocol: string;
  /** For messages: "the HTTP gateway". */
  readonly name: string;
  /** Of the thread; it calls `serveGateways`. */
  readonly file: URL;
  /** @returns null when the action is no rule of its kind. */
  ruleOf(action: FaultAction): Spec | null;
  readonly words: RuleWords<Spec>;
}

type Counters = ReadonlyMap<string, GatewayCounters>;

/** Faults on requests: a gateway of ours stands between each proxy with the protocol and its upstream. */
export class GatewayDriver<Spec extends Selection> implements FaultDriver {
  readonly #kind: GatewayKind<Spec>;
  #gateways: PlaceServers<GatewayQuestions<Spec>> | null = null;
  #mask: DriverContext["mask"] = (text) => text;
  #proxies: readonly ProxySpec[] = [];
  #rules: RulesByProxy<Spec> = {};
  /** Of earlier stages of the fault, by proxy. */
  readonly #gone = new Map<string, readonly RuleTally<Spec>[]>();
  #atBaseline: Counters | null = null;
  #afterBaseline: Counters | null = null;
  #atFault: Counters | null = null;

  constructor(kind: GatewayKind<Spec>) {
    this.#kind = kind;
  }

  async prepare(context: DriverContext): Promise<ReadonlyMap<string, string>> {
    const { protocol, name, file } = this.#kind;
    this.#mask = context.mask;
    this.#proxies = context.proxies.filter((proxy) => proxy.protocol === protocol);
    if (this.#proxies.length === 0) return new Map();
    refuseRemoteServer(`protocol: ${protocol}`, context.toxiproxyUrl);
    context.onStatus(`starting ${name}`);
    const data: Omit<GatewaysStart, "standstills"> = {
      places: this.#proxies.map(placeOf),
      seed: context.seed,
    };
    const onLimit = (code: string) => context.onLimit(`${name} lost connections, as ${describeLimit(code)}`);
    const gateways = await startPlaceServers<GatewayQuestions<Spec>>({ file, data, name, onLimit });
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
    const wanted = this.#rulesBy(actions);
    if (isNothing(this.#rules) && isNothing(wanted)) return;
    for (const proxy of Object.keys(wanted)) {
      if (!this.standsBehind.has(proxy))
        throw new Error(`"${proxy}" is no proxy with protocol: ${this.#kind.protocol}`);
    }
    this.#atFault ??= await this.#counters();
    this.#afterBaseline ??= this.#atFault;
    await this.#setRules(wanted);
  }

  async prove(): Promise<InjectionProof> {
    if (!this.#gateways) return noProof("no injection");
    const seen = await this.#gateways.ask("seen", null);
    const now = await this.#counters();
    const proxies = this.#proxies.flatMap(({ name, listen, upstream }): ProxySeen<Spec>[] => {
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
          routes: (seen.get(name)?.routes ?? []).map((route) => shownRoute(route, this.#mask)),
          unreadable: masked(seen.get(name)?.unreadable ?? null, this.#mask),
          open: seen.get(name)?.open ?? 0,
          mostHeldBytes: seen.get(name)?.mostHeldBytes ?? 0,
          notSlowed: seen.get(name)?.notSlowed ?? 0,
          http2Refused: seen.get(name)?.http2Refused ?? 0,
          baseline: crossed(this.#atBaseline, this.#afterBaseline),
          fault: crossed(this.#atFault, now),
        },
      ];
    });
    return proofOfRules(proxies, this.#kind.words);
  }

  async clear(): Promise<void> {
    if (!isNothing(this.#rules)) await this.#setRules({});
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
    return [...(traffic ?? [])].map(([proxy, { routes, ...taken }]) => ({
      proxy,
      ...taken,
      routes: routes.map((route) => shownRoute(route, this.#mask)),
    }));
  }

  standstills(fromMs: number, untilMs: number): readonly Standstill[] | null {
    return this.#gateways?.standstills(fromMs, untilMs) ?? null;
  }

  async #setRules(wanted: RulesByProxy<Spec>): Promise<void> {
    const gone = await this.#gateways?.ask("setRules", wanted);
    for (const [proxy, tallies] of gone ?? []) {
      this.#gone.set(proxy, [...(this.#gone.get(proxy) ?? []), ...tallies]);
    }
    this.#rules = wanted;
  }

  async #counters(): Promise<Counters | null> {
    return (await this.#gateways?.ask("counters", null)) ?? null;
  }

  #rulesBy(actions: readonly FaultAction[]): RulesByProxy<Spec> {
    const byProxy: Record<string, Spec[]> = {};
    for (const action of actions) {
      const rule = this.#kind.ruleOf(action);
      if (!rule) throw new Error(`"${action.kind}" is no rule for requests`);
      byProxy[action.target] = [...(byProxy[action.target] ?? []), rule];
    }
    return byProxy;
  }
}

function isNothing(rules: RulesByProxy<unknown>): boolean {
  return Object.keys(rules).length === 0;
}

function masked(text: string | null, mask: (text: string) => string): string | null {
  return text === null ? null : mask(text);
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

function placeOf({ name, upstream, tls, protocol }: ProxySpec): GatewayPlace {
  const address = parseAddress(upstream);
  // The scenario's checks have looked at it.
  if (!address) throw new Error(`${upstream} is no address`);
  return { proxy: name, upstream: { address, tls: tls?.upstream ?? null, alpn: spokenAboveTls(protocol) } };
}
