/** Whether a target speaks HTTP/2 and nothing else. Every request to it would end as a timeout or a reset. */

import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { Address } from "../../support/address.js";
import { Patience } from "../../support/clock.js";

/** Host and port, or a unix socket. */
type ConnectTarget = Address | { readonly path: string };

/** An HTTP/2 server sends its SETTINGS as soon as it has accepted. An HTTP/1.1 server waits to be asked. */
const FIRST_WORD_MS = 200;
const HANDSHAKE_MS = 2_000;

/** Length (24 bits), type 4, flags, stream 0: RFC 9113, 4.1 and 6.5. */
const isSettings = (bytes: Buffer) =>
  bytes.length >= 9 && bytes[3] === 4 && (bytes.readUInt32BE(5) & 0x7fff_ffff) === 0;

/**
 * Sends no request. Over TCP it waits for the server's first bytes. Over TLS the handshake offers HTTP/1.1 alone.
 * @param servername for TLS; null: plain TCP.
 * @returns false also when it cannot be told.
 */
export function speaksOnlyHttp2(
  to: ConnectTarget,
  tls: { readonly servername: string | undefined } | null,
): Promise<boolean> {
  return tls === null ? firstWordIsSettings(to) : refusesHttp1(to, tls.servername);
}

function firstWordIsSettings(to: ConnectTarget): Promise<boolean> {
  const socket = connect(to);
  return verdictOf(socket, FIRST_WORD_MS, (decide) => {
    let seen: Buffer = Buffer.alloc(0);
    socket.on("data", (chunk) => {
      seen = Buffer.concat([seen, chunk]);
      if (seen.length >= 9) decide(isSettings(seen));
    });
  });
}

function refusesHttp1(to: ConnectTarget, servername: string | undefined): Promise<boolean> {
  // The load checks the certificate. The handshake gets this far without the client's keys.
  const options = { ...to, ALPNProtocols: ["http/1.1"], rejectUnauthorized: false };
  const socket = connectTls({ ...options, ...(servername === undefined ? {} : { servername }) });
  return verdictOf(socket, HANDSHAKE_MS, (decide) => {
    socket.once("secureConnect", () => decide(false));
    socket.on("error", (error: NodeJS.ErrnoException) =>
      decide(error.code === "ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL"),
    );
  });
}

/** Listens until it is decided, the connection ends or the time is over. */
function verdictOf(
  socket: Socket,
  withinMs: number,
  listen: (decide: (answer: boolean) => void) => void,
): Promise<boolean> {
  return new Promise((resolve) => {
    const decide = (answer: boolean) => {
      patience.end();
      socket.destroy();
      resolve(answer);
    };
    const patience = new Patience(withinMs, () => decide(false));
    listen(decide);
    socket.on("error", () => decide(false));
    socket.once("close", () => decide(false));
  });
}
