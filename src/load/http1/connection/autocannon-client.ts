import type { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import { lookupHost } from "../../../support/lookup-host.js";

/**
 * The internals of an autocannon 9.0.0 client that a `Connection` works with. They are not autocannon's public API. Its
 * version is pinned, and test/load/http1/autocannon-contract.test.ts fails when one of them moves.
 */
export interface AutocannonClient extends EventEmitter {
  /** The current socket. Each `_connect` replaces it. */
  conn: Socket;
  readonly secure: boolean;
  /** A copy for each client. `_connect` hands it to `net.connect`. */
  readonly opts: {
    port: unknown;
    readonly hostname: string;
    /** Used instead of host and port. */
    socketPath?: unknown;
  };
  readonly parser: AnswerParser;
  readonly requestIterator: {
    /** Makes the bytes of a request: request line, Host, headers, Content-Length, body. */
    readonly requestBuilder: (request: RequestToBuild, context: object) => Buffer;
  };
  /** Fires autocannon's own timeout. Set up after `setupClient` ran. */
  readonly timeoutTicker: { clear(): void };
  /** Told of each chunk before the parser gets it. Cleared when a connection is destroyed. */
  pipelinedRequests: { addByteCount(bytes: number): void; clear(): void };
  /**
   * Opens a socket and wires it up. autocannon calls it when the client is made, on the socket's 'error' (after it
   * emitted "connError") and on its 'end'.
   */
  _connect(): void;
  /** Sends the next request. autocannon calls it as soon as it has called connect. */
  _doRequest(): void;
  /** Takes autocannon's 'error' and 'end' listeners off the socket and destroys it. */
  _destroyConnection(): void;
  /** The same once and for all. autocannon calls it when its time is over. */
  destroy(): void;
}

export interface RequestToBuild {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/**
 * http-parser-js, as autocannon uses it. `execute` returns an Error for bytes that are not HTTP, else the number of
 * bytes taken.
 */
export interface AnswerParser {
  execute(chunk: Buffer, start?: number, length?: number): number | Error;
  /** The peer ended its side: completes an answer whose body goes on until then. */
  finish(): unknown;
  /** Forgets all of a half-read answer. */
  initialize(type: string): void;
  readonly type: string;
  /** null outside of `execute`. */
  readonly chunk: Buffer | null;
  /** How far it has read in the current chunk, and that chunk's end. */
  readonly offset: number;
  readonly end: number;
  /** From Content-Length. null without one, NaN when it is no number. */
  body_bytes: number | null;
  /** Decides, after the head and before the length, how the body is read. */
  isChunked: boolean;
  /** Depends on the answer's version, its Connection header, and whether the body ends before the connection does. */
  shouldKeepAlive(): boolean;
  /** The name of the part of the answer that is expected next. */
  readonly state: string;
  /** The next line of the head or of a chunk's head. undefined when it is not complete yet. */
  consumeLine(): string | undefined;
  /** Callbacks, under the numbers that the parser's class has for them. */
  [callback: number]: unknown;
  readonly constructor: unknown;
}

/** What the parser hands over when an answer's headers are complete. */
export interface ParsedHead {
  readonly statusCode: number;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly shouldKeepAlive: boolean;
}

/** Numbers under which the parser's callbacks are set. */
export interface ParserCallbacks {
  readonly kOnHeadersComplete: number;
  readonly kOnBody: number;
  readonly kOnMessageComplete: number;
  /**
   * How heads are decoded, for all parsers of the thread. "ascii", the default, turns some UTF-8 bytes into line
   * breaks.
   */
  encoding: string;
  /**
   * Limit for heads in bytes, counted by whole chunks, for all parsers of the thread. Beyond it `execute` returns an
   * error.
   */
  maxHeaderSize: number;
}

/** The sockets of this thread read into this buffer. Each chunk is handled before the next one is read. */
const READ_BUFFER = Buffer.allocUnsafeSlow(64 * 1024);

/**
 * Lets the sockets that a client opens read into the thread's one buffer, and tell of it without events. That saves
 * allocating a buffer for each read; `onRead` must copy what it wants to keep out of `chunk`. Call it before the client
 * connects. TLS does not read from its socket that way: its chunks come by `parser.execute`.
 */
export function readIntoOneBuffer(
  client: AutocannonClient,
  onRead: (chunk: Buffer, length: number) => void,
): void {
  if (client.secure) return;
  const { opts } = client;
  const onread = {
    buffer: READ_BUFFER,
    callback: (length: number) => {
      onRead(READ_BUFFER, length);
      return true;
    },
  };
  // autocannon calls net.connect(port, hostname) or net.connect(socketPath). Their first argument may be options.
  if (opts.socketPath === undefined) {
    opts.port = { port: opts.port, host: opts.hostname, onread, lookup: lookupHost };
  } else opts.socketPath = { path: opts.socketPath, onread };
}

const CHUNK_SIZE = /^[0-9a-f]+[ \t]*(;|$)/i;

/**
 * Makes `execute` return an error for bad chunk sizes. http-parser-js takes one that is no number for the end of the
 * body, and reads backwards for a negative one.
 */
export function refuseBadChunkSizes(parser: AnswerParser): void {
  const { consumeLine } = parser;
  parser.consumeLine = () => {
    const line = consumeLine.call(parser);
    if (line !== undefined && parser.state === "BODY_CHUNKHEAD" && !CHUNK_SIZE.test(line)) {
      throw new Error("chunk size");
    }
    return line;
  };
}
