/** How the services of a compose file are led through proxies on this machine. */

import type { ComposeFile, ComposeService } from "./compose-file.js";
import { type ComposeVariables, interpolate } from "./interpolation.js";
import { knownImage, schemePort } from "./known-images.js";
import { type Mention, mentionsOf } from "./mentions.js";
import { portText } from "./published-port.js";

/** The name by which a container reaches this machine. */
export const MACHINE = "host.docker.internal";

/** One port of a dependency, with the proxy before it. */
export interface LedDependency {
  /** The proxy's name. */
  readonly name: string;
  readonly service: string;
  readonly containerPort: number;
  readonly listenPort: number;
  /** The port of this machine that leads to the dependency itself. */
  readonly upstreamPort: number;
  readonly isHttp: boolean;
  readonly consumers: readonly string[];
}

/** What changes for one service while the scenario runs. */
export interface ServiceChange {
  readonly environment: Readonly<Record<string, string>>;
  /** Names that become this machine. */
  readonly hosts: readonly string[];
  /** In the short form. null: they stay. */
  readonly ports: { readonly entries: readonly string[]; readonly isReplacement: boolean } | null;
}

export interface LedThrough {
  readonly dependencies: readonly LedDependency[];
  /** By service. */
  readonly changes: ReadonlyMap<string, ServiceChange>;
  /** What the compose file does not say, or what a user has to see to: one sentence each. */
  readonly unknowns: readonly string[];
}

/** A service that uses a dependency. */
interface Use {
  readonly consumer: ComposeService;
  readonly mentions: readonly (Mention & { readonly key: string })[];
}

interface PortToLead {
  readonly service: ComposeService;
  readonly containerPort: number;
  readonly uses: readonly Use[];
  /** Those that can only be led by the service's name. */
  readonly byName: readonly Use[];
  /** By its image. */
  readonly isKnown: boolean;
  readonly isOneOfSeveral: boolean;
}

/** OpenTelemetry's port for gRPC: its addresses are http:// URLs, and it does not speak HTTP/1.1. */
const OTLP_GRPC_PORT = 4317;
const LOWEST_FREE_PORT = 1024;
/** Distance of a proxy's port, and of a dependency's own, from the port that they stand for. */
const [LISTEN_OFFSET, UPSTREAM_OFFSET] = [10_000, 20_000];

const MOST_LISTED = 3;

/** "web, worker and 5 others" */
export function namesInWords(names: readonly string[]): string {
  const shown = names.length > MOST_LISTED + 1 ? names.slice(0, MOST_LISTED) : names;
  const rest = names.length - shown.length;
  if (rest > 0) return `${shown.join(", ")} and ${rest} others`;
  return shown.length < 2 ? shown.join("") : `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}`;
}

export function leadThrough(file: ComposeFile, settings: ComposeVariables): LedThrough {
  return new Leader(file, settings).lead();
}

class Leader {
  readonly #file: ComposeFile;
  readonly #settings: ComposeVariables;
  readonly #taken = new Set<number>();
  readonly #unknowns: string[] = [];
  readonly #dependencies: LedDependency[] = [];
  readonly #hosts = new Map<string, string[]>();
  readonly #ports = new Map<string, NonNullable<ServiceChange["ports"]>>();

  constructor(file: ComposeFile, settings: ComposeVariables) {
    this.#file = file;
    this.#settings = settings;
    for (const { published } of file.services)
      for (const { hostPort } of published) this.#taken.add(hostPort);
  }

  lead(): LedThrough {
    for (const service of this.#file.services) this.#leadTo(service);
    const changes = new Map<string, ServiceChange>();
    for (const { name, environment } of this.#file.services) {
      const changed = this.#changedVariables(name, environment);
      const [hosts, ports] = [this.#hosts.get(name) ?? [], this.#ports.get(name) ?? null];
      if (Object.keys(changed).length > 0 || hosts.length > 0 || ports !== null)
        changes.set(name, { environment: changed, hosts, ports });
    }
    return { dependencies: this.#dependencies, changes, unknowns: this.#unknowns };
  }

  #leadTo(service: ComposeService): void {
    const uses = this.#usesOf(service);
    const known = service.image === null ? null : knownImage(service.image);
    if (uses.length === 0) {
      if (known !== null) this.#unknowns.push(`Nothing in the file says which service uses ${service.name}.`);
      return;
    }
    const onlyPort = service.containerPorts.length === 1 ? service.containerPorts[0] : undefined;
    const usualPort = known?.port ?? onlyPort ?? null;
    const portOf = ({ port, scheme }: Mention) =>
      port ?? usualPort ?? (scheme === null ? null : schemePort(scheme));
    const ports = new Set(
      uses.flatMap(({ mentions }) => mentions.map(portOf)).filter((port) => port !== null),
    );
    if (uses.some(({ mentions }) => mentions.length === 0) && usualPort !== null) ports.add(usualPort);
    if (ports.size === 0) {
      const names = namesInWords(uses.map(({ consumer }) => consumer.name));
      this.#unknowns.push(
        `${names} ${uses.length === 1 ? "depends" : "depend"} on ${service.name}, and nothing says on which port: it has no proxy.`,
      );
      return;
    }
    // A name without a port, or an address that stands in no variable here, can only be led by the name itself.
    const byName = uses.filter(
      (use) =>
        use.mentions.length === 0 ||
        use.mentions.some((mention) => mention.port === null && mention.scheme === null) ||
        !this.#isRewritable(use),
    );
    const isKnown = known !== null;
    for (const containerPort of ports)
      this.#leadPort({ service, containerPort, uses, byName, isKnown, isOneOfSeveral: ports.size > 1 });
    if (known?.caution) this.#unknowns.push(`${service.name}: ${known.caution}`);
  }

  #leadPort({ service, containerPort, uses, byName, isKnown, isOneOfSeveral }: PortToLead): void {
    const isByName = byName.length > 0;
    const mine = service.published.find((port) => port.containerPort === containerPort);
    // What is no known dependency may be the system under test, whose users know its port.
    const frees = isByName && isKnown && mine?.hostPort === containerPort;
    if (isByName && !frees && this.#taken.has(containerPort)) {
      const names = namesInWords(byName.map(({ consumer }) => consumer.name));
      this.#unknowns.push(
        `${names} can reach ${service.name} at port ${containerPort} only, which something else needs on this machine: it has no proxy.`,
      );
      return;
    }
    const listenPort = isByName ? containerPort : this.#free(containerPort + LISTEN_OFFSET);
    this.#taken.add(listenPort);
    if (listenPort < LOWEST_FREE_PORT)
      this.#unknowns.push(`A proxy that listens on port ${listenPort} takes root.`);
    let upstreamPort = mine?.hostPort;
    if (upstreamPort === undefined || frees) {
      upstreamPort = this.#free(containerPort + UPSTREAM_OFFSET);
      this.#publish(service, containerPort, upstreamPort);
    }
    for (const { consumer } of byName) {
      const hosts = this.#hosts.get(consumer.name) ?? [];
      if (!hosts.includes(service.name)) this.#hosts.set(consumer.name, [...hosts, service.name]);
    }
    const mentioned = uses.flatMap(({ mentions }) => mentions);
    this.#dependencies.push({
      name: isOneOfSeveral ? `${service.name}-${containerPort}` : service.name,
      service: service.name,
      containerPort,
      listenPort,
      upstreamPort,
      isHttp:
        containerPort !== OTLP_GRPC_PORT &&
        mentioned.some(({ scheme, port }) => scheme === "http" && (port ?? containerPort) === containerPort),
      consumers: uses.map(({ consumer }) => consumer.name),
    });
  }

  /** Publishes a port of the dependency on loopback, in the place of one that the proxy needs. */
  #publish(service: ComposeService, containerPort: number, hostPort: number): void {
    const before = this.#ports.get(service.name) ?? { entries: [], isReplacement: false };
    const isReplacement =
      before.isReplacement || service.published.some((port) => port.containerPort === containerPort);
    const kept =
      isReplacement && !before.isReplacement
        ? service.published.filter((port) => port.containerPort !== containerPort).map(portText)
        : [];
    const own = portText({ hostIp: "127.0.0.1", hostPort, containerPort });
    this.#ports.set(service.name, { entries: [...kept, ...before.entries, own], isReplacement });
  }

  #free(wanted: number): number {
    let port = wanted > 65_535 ? wanted - 50_000 : wanted;
    while (this.#taken.has(port)) port++;
    this.#taken.add(port);
    return port;
  }

  #usesOf(service: ComposeService): readonly Use[] {
    return this.#file.services.flatMap((consumer) => {
      if (consumer.name === service.name) return [];
      const mentions = [...consumer.environment].flatMap(([key, { text }]) =>
        mentionsOf(service.name, key, text).map((mention) => ({ ...mention, key })),
      );
      const isUse = mentions.length > 0 || consumer.dependsOn.includes(service.name);
      if (!isUse) return [];
      if (consumer.isOnHost) {
        this.#unknowns.push(
          `${consumer.name} runs in this machine's own network: give it the proxy of ${service.name} by hand.`,
        );
        return [];
      }
      return [{ consumer, mentions }];
    });
  }

  /** Whether all mentions can be replaced without writing down a part of a setting, which may be a secret. */
  #isRewritable({ consumer, mentions }: Use): boolean {
    return mentions.every(
      ({ key, start, end }) => consumer.environment.get(key)?.withReplaced(start, end, "") != null,
    );
  }

  #changedVariables(
    consumer: string,
    environment: ComposeService["environment"],
  ): Readonly<Record<string, string>> {
    const changed: Record<string, string> = {};
    const byName = this.#hosts.get(consumer) ?? [];
    for (const [key, value] of environment) {
      const mentions = this.#dependencies.flatMap(({ service, containerPort, listenPort, consumers }) => {
        if (!consumers.includes(consumer) || byName.includes(service)) return [];
        const ports = this.#dependencies.filter((other) => other.service === service);
        return mentionsOf(service, key, value.text)
          .filter(({ port }) => (port === null ? ports.length === 1 : port === containerPort))
          .map(({ start, end }) => ({ start, end, listenPort }));
      });
      // From the end, so that the places before it stay.
      mentions.sort((one, other) => other.start - one.start);
      let now = value;
      let raw: string | null = null;
      for (const { start, end, listenPort } of mentions) {
        raw = now.withReplaced(start, end, `${MACHINE}:${listenPort}`);
        if (raw === null) break;
        now = interpolate(raw, this.#settings);
      }
      if (raw !== null) changed[key] = raw;
    }
    return changed;
  }
}
