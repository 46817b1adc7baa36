import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { LoadTarget } from "../../plan/load-plan.js";
import { addressOf } from "../../support/address.js";
import { lookupHost } from "../../support/lookup-host.js";
import { servernameOf } from "./tls-target.js";

/** The plain sockets of this thread read into this buffer. Each chunk is handled before the next one is read. */
const READ_BUFFER = Buffer.allocUnsafeSlow(64 * 1024);

/** The names of versions of HTTP in a TLS handshake. */
export const HTTP2_ALPN = "h2";
export const HTTP1_ALPN = "http/1.1";

/**
 * Opens a socket to the target. Over TLS nothing but that version is offered, and it is up to the caller to look at the
 * certificate.
 * @param onRead told of what comes. The chunk is valid during the call only.
 */
export function connectToTarget(
  target: LoadTarget,
  version: typeof HTTP2_ALPN | typeof HTTP1_ALPN,
  onRead: (chunk: Buffer, length: number) => void,
): Socket {
  const { url, socketPath, tls } = target;
  const address = addressOf(new URL(url));
  const to = socketPath === null ? { ...address, lookup: lookupHost } : { path: socketPath };
  if (tls === null) {
    const callback = (length: number) => {
      onRead(READ_BUFFER, length);
      return true;
    };
    const socket = connect({ ...to, noDelay: true, onread: { buffer: READ_BUFFER, callback } });
    // Without it the socket would not tell of the other side's end.
    return socket.resume();
  }
  const { ca, cert, key } = tls;
  const given = Object.entries({ ca, cert, key, servername: servernameOf(target) ?? null });
  const socket = connectTls({
    ...to,
    host: address.host,
    ALPNProtocols: [version],
    rejectUnauthorized: false,
    ...Object.fromEntries(given.filter(([, value]) => value !== null)),
  });
  socket.setNoDelay(true);
  return socket.on("data", (chunk: Buffer) => onRead(chunk, chunk.length));
}
