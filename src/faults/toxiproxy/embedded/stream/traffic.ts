import type { WireProtocol } from "../../../wire/protocol.js";

/** Bytes of one direction of a proxy. */
export interface DirectionTraffic {
  /** Read from the side that sends: the client for upstream, the upstream for downstream. */
  receivedBytes: number;
  /** Reads that brought them: about as many as there were requests or answers, unless several came at once. */
  reads: number;
  /** Handed to the other side. */
  sentBytes: number;
}

/** What has crossed a proxy since it was made. */
export interface ProxyTraffic {
  readonly upstream: DirectionTraffic;
  readonly downstream: DirectionTraffic;
  /** Clients accepted. */
  connectionsTotal: number;
  /** Clients connected now. */
  connectionsOpen: number;
  /** Clients closed again because the upstream could not be reached. */
  upstreamFailuresTotal: number;
  /** Those that connections have spoken, as far as their first bytes tell. */
  readonly protocols: WireProtocol[];
}

export function noTraffic(): ProxyTraffic {
  return {
    upstream: { receivedBytes: 0, reads: 0, sentBytes: 0 },
    downstream: { receivedBytes: 0, reads: 0, sentBytes: 0 },
    connectionsTotal: 0,
    connectionsOpen: 0,
    upstreamFailuresTotal: 0,
    protocols: [],
  };
}
