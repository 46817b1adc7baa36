/** Which versions of HTTP a target speaks. In another one every request to it would end as a timeout or a reset. */

import { connect, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import type { LoadTarget } from "../../plan/load-plan.js";
import { addressOf } from "../../support/address.js";
import { Patience } from "../../support/clock.js";
import { servernameOf } from "../sockets/tls-target.js";

const HTTP2 = "h2";
const HTTP1 = "http/1.1";

/** An HTTP/2 server sends its SETTINGS as soon as it has accepted. An HTTP/1.1 server waits to be asked. */
const FIRST_WORD_MS = 200;
const HANDSHAKE_MS = 2_000;

/** Length (24 bits), type 4, flags, stream 0: RFC 9113, 4.1 and 6.5. */
const isSettings = (bytes: Buffer) =>
  bytes.length >= 9 && bytes[3] === 4 && (bytes.readUInt32BE(5) & 0x7fff_ffff) === 0;

/** What a client of HTTP/2 says first, with empty SETTINGS: RFC 9113, 3.4. */
const FIRST_WORDS = Buffer.concat([
  Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
  Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
]);

/**
 * Sends no request. Over TCP it waits for the server's first bytes. Over TLS the handshake offers HTTP/1.1 alone.
 * @returns false also when it cannot be told.
 */
export function speaksOnlyHttp2(target: LoadTarget): Promise<boolean> {
  if (target.tls !== null) return isRefused(target, HTTP1);
  return firstWord(target, null, FIRST_WORD_MS).then((bytes) => bytes !== null && isSettings(bytes));
}

/**
 * Sends no request. Over TCP it says what a client of HTTP/2 says first. Over TLS the handshake offers HTTP/2 alone.
 * @returns false also when it cannot be told.
 */
export function refusesHttp2(target: LoadTarget): Promise<boolean> {
  if (target.tls !== null) return isRefused(target, HTTP2);
  return firstWord(target, FIRST_WORDS, HANDSHAKE_MS).then((bytes) => bytes !== null && !isSettings(bytes));
}

/** Whether a handshake that offers both versions ends in HTTP/2. */
export function prefersHttp2(target: LoadTarget): Promise<boolean> {
  return handshake(target, [HTTP2, HTTP1], (socket) => socket?.alpnProtocol === HTTP2);
}

/** The first bytes that the server sends. @returns null when it sends none in time. */
async function firstWord(target: LoadTarget, words: Buffer | null, withinMs: number): Promise<Buffer | null> {
  const socket = connect(placeOf(target));
  let seen: Buffer = Buffer.alloc(0);
  if (words !== null) socket.write(words);
  const isWhole = await verdictOf(socket, withinMs, (decide) => {
    socket.on("data", (chunk) => {
      seen = Buffer.concat([seen, chunk]);
      if (seen.length >= 9) decide(true);
    });
  });
  return isWhole ? seen : null;
}

/** Whether the server does not agree on that version where it alone is offered. */
function isRefused(target: LoadTarget, version: string): Promise<boolean> {
  // A server without ALPN chooses nothing. It speaks HTTP/1.1.
  return handshake(
    target,
    [version],
    (socket) => socket === null || (version === HTTP2 && socket.alpnProtocol !== HTTP2),
  );
}

/** `verdict` gets the socket of the handshake. null: there was no version that both speak. */
function handshake(
  target: LoadTarget,
  versions: readonly string[],
  verdict: (socket: TLSSocket | null) => boolean,
): Promise<boolean> {
  // The load checks the certificate. The handshake gets this far without the client's keys.
  const servername = servernameOf(target);
  const socket = connectTls({
    ...placeOf(target),
    ALPNProtocols: [...versions],
    rejectUnauthorized: false,
    ...(servername === undefined ? {} : { servername }),
  });
  return verdictOf(socket, HANDSHAKE_MS, (decide) => {
    socket.once("secureConnect", () => decide(verdict(socket)));
    socket.on("error", (error: NodeJS.ErrnoException) =>
      decide(error.code === "ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL" && verdict(null)),
    );
  });
}

function placeOf({ url, socketPath }: LoadTarget) {
  return socketPath === null ? addressOf(new URL(url)) : { path: socketPath };
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
