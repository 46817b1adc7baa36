import type { WireProtocol } from "./protocol.js";

/** Ports that servers listen on unless told otherwise, for Toxiproxy servers that do not show what crosses. */
const USUAL_PORTS: readonly (readonly [port: RegExp, protocol: WireProtocol])[] = [
  [/:909[2-4]$/, "kafka"],
  [/:2701[7-9]$/, "mongodb"],
  [/:(?:6379|2637[89])$/, "redis"],
  [/:5432$/, "postgresql"],
  [/:3306$/, "mysql"],
  [/:5672$/, "amqp"],
  [/:4222$/, "nats"],
];

const STAYS =
  "stay at the address that they are given: the load's traffic may go to another one, such as that of a replica or of a second pool.";

/** Why so little crosses a proxy before such a server, and what to set. */
const HINTS: Readonly<Record<WireProtocol, string | null>> = {
  kafka:
    "Kafka's clients go on to the address that the broker advertises: set its advertised.listeners to the proxy's address.",
  mongodb:
    "MongoDB's clients go on to the members that the replica set names: connect with directConnection=true, or give the members the proxy's address.",
  redis:
    "Redis clients of a cluster or of Sentinel go on to the nodes that these name: have them announce the proxy's address (cluster-announce-ip and cluster-announce-port), or map the nodes in the client.",
  nats: "NATS clients go on to the servers that a cluster names: set no_advertise in the server, or the client's option to ignore them.",
  http: "Some HTTP clients go on to an address in an answer, as SDKs do with the URL of an SQS queue: give the SDK the proxy's address as its endpoint, and let the server name the proxy in its answers.",
  amqp: `AMQP clients ${STAYS}`,
  postgresql: `PostgreSQL's clients ${STAYS}`,
  mysql: `MySQL's clients ${STAYS}`,
  http2: null,
  // What is inside is not seen.
  tls: null,
};

/**
 * Some clients use the address that they are given only to ask the server where to go. The proxy then sees the first
 * question and nothing else.
 * @param upstream host:port, asked when `protocols` is empty.
 * @param protocols those that connections of the proxy spoke.
 * @returns the likely cause and what to set. null when nothing is known of such servers.
 */
export function aroundTheProxyHint(upstream: string, protocols: readonly WireProtocol[]): string | null {
  const known = knownProtocols(upstream, protocols);
  return known.map((protocol) => HINTS[protocol]).find((hint) => hint !== null) ?? null;
}

/** The same where nothing at all crossed: only for clients that always go on, as others have their own reasons. */
export function alwaysAroundHint(upstream: string, protocols: readonly WireProtocol[]): string | null {
  return knownProtocols(upstream, protocols).includes("kafka") ? HINTS.kafka : null;
}

function knownProtocols(upstream: string, protocols: readonly WireProtocol[]): readonly WireProtocol[] {
  if (protocols.length > 0) return protocols;
  return USUAL_PORTS.flatMap(([port, protocol]) => (port.test(upstream) ? [protocol] : []));
}
