import type { TrafficCount } from "../../proof.js";
import type { WireProtocol } from "../../wire/protocol.js";
import type { ToxicTally } from "../embedded/stream/toxic-tally.js";

/** What has crossed a proxy since it was made. */
export interface ProxyCounters {
  /** Bytes read from either side. A real server counts a connection's bytes only when it has closed. */
  readonly bytes: number;
  /** null when the server does not count connections. */
  readonly connections: {
    readonly total: number;
    readonly open: number;
    /** Connections closed again because the upstream could not be reached. */
    readonly withoutUpstream: number;
  } | null;
  /** Reads from clients: about as many as they sent requests. null when the server does not say. */
  readonly clientReads: number | null;
  /** Those that its connections spoke. Empty when none is known, or the server does not say. */
  readonly protocols: readonly WireProtocol[];
  /** What each toxic has done, by its name. null when the server does not say. */
  readonly toxics: ReadonlyMap<string, ToxicTally> | null;
}

/** GET /faultline/counters of the embedded server. */
export function parseCounters(text: string): ReadonlyMap<string, ProxyCounters> {
  interface Direction {
    readonly receivedBytes: number;
    readonly reads: number;
  }
  interface Entry {
    readonly upstream: Direction;
    readonly downstream: Direction;
    readonly connectionsTotal: number;
    readonly connectionsOpen: number;
    readonly upstreamFailuresTotal: number;
    readonly protocols: readonly WireProtocol[];
    readonly toxics: Readonly<Record<string, ToxicTally>>;
  }
  // Written by the embedded server of this very version.
  const entries = Object.entries(JSON.parse(text) as Record<string, Entry>);
  return new Map(
    entries.map(([name, entry]) => [
      name,
      {
        bytes: entry.upstream.receivedBytes + entry.downstream.receivedBytes,
        connections: {
          total: entry.connectionsTotal,
          open: entry.connectionsOpen,
          withoutUpstream: entry.upstreamFailuresTotal,
        },
        clientReads: entry.upstream.reads,
        protocols: entry.protocols,
        toxics: new Map(Object.entries(entry.toxics)),
      },
    ]),
  );
}

const RECEIVED = /^toxiproxy_proxy_received_bytes_total\{([^\n]*)\}\s+(\S+)/gm;

/** GET /metrics of a real server: sums over directions and addresses. Proxies without a closed connection are missing. */
export function parseMetrics(text: string): ReadonlyMap<string, ProxyCounters> {
  const bytes = new Map<string, number>();
  for (const [, labels = "", value = ""] of text.matchAll(RECEIVED)) {
    const name = /(?:^|,)proxy="((?:[^"\\]|\\.)*)"/.exec(labels)?.[1];
    if (name === undefined) continue;
    const proxy = name.replace(/\\(.)/g, (_, char: string) => (char === "n" ? "\n" : char));
    bytes.set(proxy, (bytes.get(proxy) ?? 0) + Number(value));
  }
  return new Map([...bytes].map(([name, sum]) => [name, bytesOnly(sum)]));
}

/** What a real server counts. */
export function bytesOnly(bytes: number): ProxyCounters {
  return { bytes, connections: null, clientReads: null, protocols: [], toxics: null };
}

/**
 * What was counted between two readings. Connections that were open at the start count: a pool that was filled earlier
 * is used all the same.
 */
export function countBetween(start: ProxyCounters | null, end: ProxyCounters | null): TrafficCount | null {
  if (!start || !end) return null;
  const connections =
    start.connections && end.connections
      ? start.connections.open + end.connections.total - start.connections.total
      : null;
  const clientReads =
    start.clientReads !== null && end.clientReads !== null ? end.clientReads - start.clientReads : null;
  return { connections, bytes: end.bytes - start.bytes, clientReads };
}
