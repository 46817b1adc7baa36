/** Connections to what stands behind a proxy, with TLS or without. */

import { connect, isIP, Socket } from "node:net";
import { connect as connectTls, createSecureContext, type SecureContext } from "node:tls";
import type { Address } from "../../support/address.js";
import { lookupHost } from "../../support/lookup-host.js";
import { type Pem, pemText } from "./pem.js";
import { connectReading } from "./shared-read.js";

/** Time of silence after which the system asks whether the other side is still there; Go's default. */
export const KEEP_ALIVE_AFTER_MS = 15_000;

/** How an upstream that speaks TLS is spoken to. */
export interface UpstreamTls {
  /** What is trusted instead of what Node trusts; null: that. */
  readonly ca: Pem | null;
  /** The client's certificate and key (mutual TLS). */
  readonly cert: Pem | null;
  readonly key: Pem | null;
  /** For SNI and for the check of the certificate; null: the upstream's host. */
  readonly servername: string | null;
  /** false: any certificate will do. */
  readonly verify: boolean;
}

export interface UpstreamAddress {
  readonly address: Address;
  /** null: it speaks no TLS. */
  readonly tls: UpstreamTls | null;
  /** What is offered to be spoken above TLS. */
  readonly alpn: readonly string[] | null;
}

/** Below TLS, by the socket above it: only there a connection can be reset. */
const below = new WeakMap<Socket, Socket>();

/**
 * Begins to connect. `onOpen` says when bytes can cross; "error" and "close" are the socket's own events. With
 * `onBytes` it is read from then on. Without `onBytes` the caller reads it.
 */
export function connectUpstream(
  { address, tls, alpn }: UpstreamAddress,
  onOpen: () => void,
  onBytes?: (bytes: Buffer) => void,
): Socket {
  const options = {
    host: address.host,
    port: address.port,
    lookup: lookupHost,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_AFTER_MS,
    allowHalfOpen: true,
  };
  if (tls === null) {
    const plain = onBytes ? connectReading(options, onBytes) : connect(options);
    plain.once("connect", onOpen);
    return plain;
  }
  let secureContext: SecureContext;
  try {
    secureContext = contextOf(tls);
  } catch (error) {
    return failed(error);
  }
  const raw = connect(options);
  const name = tls.servername ?? (isIP(address.host) === 0 ? address.host : null);
  const socket = connectTls({
    socket: raw,
    // Without a name the certificate has to be of the address.
    host: address.host,
    secureContext,
    ...(name === null ? {} : { servername: name }),
    ...(alpn === null ? {} : { ALPNProtocols: [...alpn] }),
    rejectUnauthorized: tls.verify,
  });
  socket.allowHalfOpen = true;
  below.set(socket, raw);
  socket.once("secureConnect", () => {
    onOpen();
    if (onBytes) socket.on("data", onBytes);
  });
  return socket;
}

/** @throws the system's error for a file that is not there, or OpenSSL's for one that is no PEM. */
function contextOf({ ca, cert, key }: UpstreamTls): SecureContext {
  return createSecureContext({
    ...(ca === null ? {} : { ca: pemText(ca) }),
    ...(cert === null || key === null ? {} : { cert: pemText(cert), key: pemText(key) }),
  });
}

/** A connection that never came to be. Its "error" and "close" come once the caller listens. */
function failed(error: unknown): Socket {
  return new Socket().destroy(error instanceof Error ? error : new Error(String(error)));
}

/** Ends a connection with a reset, also one with TLS. */
export function resetSocket(socket: Socket): void {
  (below.get(socket) ?? socket).resetAndDestroy();
}
