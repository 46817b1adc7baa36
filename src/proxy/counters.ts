/** What has crossed a proxy since it was made. */
export interface ProxyCounters {
  /** Read from either side. A real server counts a connection's bytes only when it has closed. */
  readonly bytes: number;
  /** null where the server does not count connections. */
  readonly connections: {
    readonly total: number;
    readonly open: number;
    /** Closed again because the upstream could not be reached. */
    readonly withoutUpstream: number;
  } | null;
  /** On how many connections each toxic has acted so far; null where the server does not say. */
  readonly hits: ReadonlyMap<string, number> | null;
}

/** GET /faultline/counters of the embedded server. */
export function parseCounters(text: string): ReadonlyMap<string, ProxyCounters> {
  interface Direction {
    readonly receivedBytes: number;
  }
  interface Entry {
    readonly upstream: Direction;
    readonly downstream: Direction;
    readonly connectionsTotal: number;
    readonly connectionsOpen: number;
    readonly upstreamFailuresTotal: number;
    readonly toxicHits: Readonly<Record<string, number>>;
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
        hits: new Map(Object.entries(entry.toxicHits)),
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
  return new Map([...bytes].map(([name, sum]) => [name, { bytes: sum, connections: null, hits: null }]));
}
