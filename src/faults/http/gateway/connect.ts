import { connect, type Socket } from "node:net";
import type { Address } from "../../../support/address.js";
import { lookupHost } from "../../../support/lookup-host.js";

/** Time of silence after which the system asks whether the other side is still there. */
const KEEP_ALIVE_AFTER_MS = 15_000;

/** How connections to the dependency are made. */
export interface ConnectOptions {
  readonly address: Address;
}

/** Begins to connect to the dependency; "connect" says when bytes can cross. */
export function connectUpstream({ address }: ConnectOptions): Socket {
  return connect({
    host: address.host,
    port: address.port,
    lookup: lookupHost,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_AFTER_MS,
    allowHalfOpen: true,
  });
}
