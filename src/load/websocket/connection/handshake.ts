import { createHash, randomBytes } from "node:crypto";
import { headerValue } from "../../answers/answer-body.js";
import { SAMPLE_BYTES } from "../../counting/body-sample.js";
import { GrowingBytes } from "../../websocket-frames/growing-bytes.js";

/** RFC 6455, 1.3. */
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const MOST_HEAD_BYTES = 80 * 1024;
const HEAD_END = "\r\n\r\n";
const STATUS_LINE = /^HTTP\/1\.[01] (\d{3})(?: |$)/;
const SWITCHING = 101;

/** What is asked of the server, with its values. Two that are the same may share a connection. */
export interface WebSocketEndpoint {
  /** With the query. */
  readonly path: string;
  /** Names and values. They have a Host. Cookies are not among them. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The request's own cookies. "" when it has none. */
  readonly ownCookie: string;
  /** From the jar of its user. "" when there is none to send. */
  readonly cookie: string;
  /** What the answer sets goes into that jar. */
  readonly keepsCookies: boolean;
  readonly subprotocols: readonly string[];
  /** Who answers challenges. null: nobody. */
  readonly login: HandshakeLogin | null;
}

export interface HandshakeLogin {
  readonly username: string;
  readonly password: string;
  /** The value of the Authorization header. Called when the handshake goes out. null: it goes without. */
  authorization(): string | null;
}

export type HandshakeResult =
  /** `rest`: what came behind it, which are frames. */
  | { readonly kind: "open"; readonly headers: readonly string[]; readonly rest: Buffer }
  /** Another answer than the one that opens the connection. */
  | {
      readonly kind: "status";
      readonly status: number;
      readonly headers: readonly string[];
      readonly body: Buffer;
    }
  | { readonly kind: "malformed"; readonly reason: string };

/** Asks a server for a connection of WebSocket: RFC 6455, 4.1. Extensions are not asked for. */
export class OpeningHandshake {
  readonly request: Buffer;
  readonly #key = randomBytes(16).toString("base64");
  readonly #subprotocols: readonly string[];
  readonly #answer = new GrowingBytes();
  /** Where the head begins that is not whole: behind those of 1xx. */
  #start = 0;

  constructor({ path, headers, ownCookie, cookie, subprotocols, login }: WebSocketEndpoint) {
    this.#subprotocols = subprotocols;
    const authorization = login?.authorization() ?? null;
    const cookies = [ownCookie, cookie].filter((one) => one !== "").join("; ");
    const lines = [
      `GET ${path} HTTP/1.1`,
      ...headers.map(([name, value]) => `${name}: ${value}`),
      ...(authorization === null ? [] : [`Authorization: ${authorization}`]),
      ...(cookies === "" ? [] : [`Cookie: ${cookies}`]),
      "Connection: Upgrade",
      "Upgrade: websocket",
      "Sec-WebSocket-Version: 13",
      `Sec-WebSocket-Key: ${this.#key}`,
      ...(subprotocols.length > 0 ? [`Sec-WebSocket-Protocol: ${subprotocols.join(", ")}`] : []),
    ];
    this.request = Buffer.from(`${lines.join("\r\n")}${HEAD_END}`);
  }

  /** Some of the answer has come. */
  get hasBegun(): boolean {
    return this.#answer.length > 0;
  }

  /** Its answer is read, or never will be. */
  drop(): void {
    this.#answer.drop();
  }

  /** @returns null: the answer is not whole. Else nothing more is to be read. */
  read(chunk: Buffer): HandshakeResult | null {
    // A head that ends in this chunk has begun its end three bytes before it at most.
    let from = Math.max(this.#start, this.#answer.length - HEAD_END.length + 1);
    const tooMuch = this.#answer.add(chunk, 0, chunk.length);
    if (tooMuch !== null) return malformed(tooMuch);
    const answer = this.#answer.view;
    for (;;) {
      const end = answer.indexOf(HEAD_END, from);
      if (end < 0) {
        if (answer.length > MOST_HEAD_BYTES) return malformed("head of more than 80 KiB");
        return isNoAnswer(answer.subarray(this.#start)) ? malformed("no HTTP") : null;
      }
      const [statusLine = "", ...lines] = answer.toString("latin1", this.#start, end).split("\r\n");
      const rest = answer.subarray(end + HEAD_END.length);
      const status = Number(STATUS_LINE.exec(statusLine)?.[1]);
      if (Number.isNaN(status)) return malformed("no HTTP");
      const headers = headersOf(lines);
      if (headers === null) return malformed("header without a colon");
      if (status === SWITCHING) return this.#switched(headers, Buffer.from(rest));
      if (status >= 200) {
        return { kind: "status", status, headers, body: Buffer.from(rest.subarray(0, SAMPLE_BYTES)) };
      }
      this.#start = end + HEAD_END.length;
      from = this.#start;
    }
  }

  #switched(headers: readonly string[], rest: Buffer): HandshakeResult {
    const upgrade = headerValue(headers, "upgrade");
    if (upgrade?.toLowerCase() !== "websocket") return malformed("101 without upgrade: websocket");
    if (!/(?:^|,)\s*upgrade\s*(?:,|$)/i.test(headerValue(headers, "connection") ?? "")) {
      return malformed("101 without connection: upgrade");
    }
    const wanted = createHash("sha1").update(`${this.#key}${GUID}`).digest("base64");
    if (headerValue(headers, "sec-websocket-accept") !== wanted)
      return malformed("wrong Sec-WebSocket-Accept");
    if (headerValue(headers, "sec-websocket-extensions") !== null)
      return malformed("extension that was not offered");
    const chosen = headerValue(headers, "sec-websocket-protocol");
    if (chosen === null && this.#subprotocols.length > 0)
      return malformed("no subprotocol of those that were offered");
    if (chosen !== null && !this.#subprotocols.includes(chosen)) {
      return malformed("subprotocol that was not offered");
    }
    return { kind: "open", headers, rest };
  }
}

function malformed(what: string): HandshakeResult {
  return { kind: "malformed", reason: `WebSocket handshake: ${what}` };
}

/** It cannot become an answer of HTTP. */
function isNoAnswer(bytes: Buffer): boolean {
  return !"HTTP/1.".startsWith(bytes.toString("latin1", 0, 7));
}

/** Names and values in turn. @returns null when a line is no header. */
function headersOf(lines: readonly string[]): readonly string[] | null {
  const headers: string[] = [];
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon <= 0) return null;
    headers.push(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  return headers;
}
