import { networkInterfaces } from "node:os";
import { FaultlineError } from "../../support/errors.js";
import { isWildcard, parseAddress } from "../../support/hosts.js";
import type { Standstill } from "../../support/standstills.js";
import { describeLimit } from "../../support/system-limits.js";
import { refuseRemoteServer } from "../between/remote-server.js";
import { HTTP1, spokenAboveTls } from "../between/spoken-above-tls.js";
import type { FaultAction } from "../fault-action.js";
import type { DriverContext, FaultDriver, ProxySpec } from "../fault-driver.js";
import { type InjectionProof, noProof, type UpstreamDials } from "../proof.js";
import { isCertificateFlaw, type TlsFault, tlsFaultOf } from "../tls-fault.js";
import { RunCertificates } from "./certificates/run-certificates.js";
import { type HandshakeStage, handshakeProof } from "./proof.js";
import type { PlaceCounts, TerminatorPlace } from "./terminator/messages.js";
import { startTerminators, type Terminators } from "./terminator/start.js";
import { TrustFolder } from "./trust/trust-folder.js";

export const driver = (): FaultDriver => new TlsDriver();

/** Services connect over TLS, with certificates of the run's own authority. Faults act on the handshakes. */
class TlsDriver implements FaultDriver {
  #proxies: readonly ProxySpec[] = [];
  #trust: TrustFolder | null = null;
  #terminators: Terminators | null = null;
  /** What is done to handshakes now, by proxy. */
  #active: ReadonlyMap<string, TlsFault> = new Map();
  /** Evidence of earlier stages of the fault. */
  #past: readonly HandshakeStage[] = [];

  async prepare(context: DriverContext): Promise<ReadonlyMap<string, string>> {
    const proxies = context.proxies.filter(({ tls }) => tls?.servesTls === true);
    this.#proxies = proxies;
    if (proxies.length === 0) return new Map();
    refuseRemoteServer("TLS towards services", context.toxiproxyUrl);
    context.onStatus("making certificates");
    const certificates = await RunCertificates.create(Date.now());
    const trust = await TrustFolder.create(certificates.ca, context.journal);
    this.#trust = trust;
    const places = await Promise.all(proxies.map((proxy) => placeOf(proxy, context.actions, certificates)));
    const terminators = await startTerminators(places, (code) =>
      context.onLimit(`the TLS terminator lost connections, as ${describeLimit(code)}`),
    );
    this.#terminators = terminators;
    terminators.died.then((reason) => context.onLost(new FaultlineError("GATEWAY_FAILED", reason)));
    return new Map(proxies.map(({ name }) => [`proxies.${name}.ca`, trust.caFile]));
  }

  get standsBehind(): ReadonlyMap<string, string> {
    return this.#terminators?.addresses ?? new Map();
  }

  get listens(): readonly string[] {
    return [...this.standsBehind.values()];
  }

  async serviceEnvironment(
    inherited: Readonly<Record<string, string | undefined>>,
  ): Promise<Readonly<Record<string, string>>> {
    return (await this.#trust?.environment(inherited)) ?? {};
  }

  async markBaseline(): Promise<void> {}

  async inject(actions: readonly FaultAction[]): Promise<void> {
    await this.#set(new Map(actions.map((action) => [action.target, tlsFaultOf(action)])));
  }

  async prove(): Promise<InjectionProof> {
    const counts = await this.#counts();
    const evidence = [...this.#past, ...this.#evidenceIn(counts)];
    return evidence.length === 0 ? noProof("no injection") : handshakeProof(evidence);
  }

  async clear(): Promise<void> {
    await this.#set(new Map());
    this.#past = [];
  }

  async close(): Promise<void> {
    await this.#terminators?.stop();
    await this.#trust?.remove();
  }

  /** Connections of the proxies whose upstream comes right after this driver. Another driver counts those of the others. */
  async upstreamDials(): Promise<readonly UpstreamDials[]> {
    return [...(await this.#counts())].flatMap(([proxy, { dials, refused }]) => {
      const spec = this.#proxies.find(({ name }) => name === proxy);
      if (!spec || spec.via !== undefined) return [];
      return [{ proxy, dials, refused, listen: spec.listen, upstream: spec.upstream }];
    });
  }

  standstills(fromMs: number, untilMs: number): readonly Standstill[] | null {
    return this.#terminators?.standstills(fromMs, untilMs) ?? null;
  }

  async #set(faults: ReadonlyMap<string, TlsFault>): Promise<void> {
    const counts = await this.#terminators?.ask("set", Object.fromEntries(faults));
    const ended = this.#evidenceIn(counts ?? new Map()).filter(
      ({ proxy, fault }) => faults.get(proxy) !== fault,
    );
    this.#past = [...this.#past, ...ended];
    this.#active = faults;
  }

  async #counts(): Promise<ReadonlyMap<string, PlaceCounts>> {
    return (await this.#terminators?.ask("counts", null)) ?? new Map();
  }

  #evidenceIn(counts: ReadonlyMap<string, PlaceCounts>): readonly HandshakeStage[] {
    return [...counts].flatMap(([proxy, { handshakes, earlier }]) => {
      const fault = this.#active.get(proxy);
      const isHttp = this.#proxies.some(({ name, protocol }) => name === proxy && protocol === "http");
      return fault === undefined || handshakes === null
        ? []
        : [{ proxy, fault, handshakes, earlier, isHttp }];
    });
  }
}

async function placeOf(
  proxy: ProxySpec,
  actions: readonly FaultAction[],
  certificates: RunCertificates,
): Promise<TerminatorPlace> {
  const { name, upstream, via, tls, protocol } = proxy;
  const address = parseAddress(via ?? upstream);
  // The checks of the scenario have made sure of it.
  if (!address) throw new Error(`${upstream} is no address`);
  const own = actions.filter(({ target }) => target === name).map(tlsFaultOf);
  const kinds = ["good", ...new Set(own.filter(isCertificateFlaw))] as const;
  const hosts = hostsOf(proxy);
  const pairs = await Promise.all(
    kinds.map(async (kind) => [kind, await certificates.issue(kind, hosts)] as const),
  );
  const spoken = spokenAboveTls(protocol);
  // What an upstream without TLS speaks beside HTTP/1.1 is not known.
  const alpn = protocol === "http" && !tls?.upstream ? [HTTP1] : spoken;
  const dependency = parseAddress(upstream);
  const mayDiffer = (alpn?.length ?? 0) > 1 && dependency !== null && tls?.upstream;
  // A driver behind this one speaks with the upstream itself.
  const upstreamTls = via === undefined ? (tls?.upstream ?? null) : null;
  return {
    proxy: name,
    upstream: { address, tls: upstreamTls, alpn },
    agreesWith: mayDiffer ? { address: dependency, tls: tls.upstream, alpn } : null,
    certificates: Object.fromEntries(pairs),
    alpn,
  };
}

/** All names and addresses by which clients may know the proxy. */
function hostsOf({ listen, upstream, tls }: ProxySpec): readonly string[] {
  const own = parseAddress(listen)?.host ?? "";
  const dependency = parseAddress(upstream)?.host ?? "";
  const listening = isWildcard(own) ? ownAddresses() : [own];
  // A hosts file may lead a client here, and that client knows the name of the dependency.
  const names = ["localhost", "127.0.0.1", "::1", ...listening, dependency, tls?.upstream?.servername ?? ""];
  return [...new Set(names)].filter((name) => name !== "" && !isWildcard(name));
}

function ownAddresses(): readonly string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .map(({ address }) => address);
}
