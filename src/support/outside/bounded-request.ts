import http from "node:http";
import https from "node:https";
import { lookupHost } from "../../support/lookup-host.js";
import { whyNoAnswer } from "./why-no-answer.js";

/** How a server is spoken to over TLS. PEM texts; null: what Node does without them. */
export interface ClientTls {
  readonly ca: string | null;
  readonly cert: string | null;
  readonly key: string | null;
  readonly servername: string | null;
  /** Whether the server's certificate is checked. */
  readonly verify: boolean;
}

export interface BoundedRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** For https:// URLs. */
  readonly tls?: ClientTls | null;
  /** The server listens at this unix socket. The URL's host is only what the server is told. */
  readonly socketPath?: string | null;
  /** Limit for the whole exchange, from the first byte sent to the last one read. */
  readonly timeoutMs: number;
  /** Limit for the answer's body. No more is read. */
  readonly mostBytes: number;
  readonly signal?: AbortSignal | undefined;
}

export interface BoundedAnswer {
  readonly status: number;
  /** Names and values in turn, as they came. */
  readonly headers: readonly string[];
  readonly body: Buffer;
  /** There was more than was read. */
  readonly isCut: boolean;
}

/** There was no whole answer. The message names no part of the URL, which may be a secret. */
export class NoAnswer extends Error {
  constructor(
    message: string,
    /** The system's own word, such as ECONNREFUSED. "": it has none. */
    readonly code = "",
  ) {
    super(message);
  }
}

/** Asks once, with a limit of time and of bytes. Redirects are not followed. @throws NoAnswer */
export function boundedRequest(url: string, options: BoundedRequest): Promise<BoundedAnswer> {
  const { method, headers = {}, body, tls = null, socketPath = null, timeoutMs, mostBytes, signal } = options;
  const { request } = url.startsWith("https:") ? https : http;
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { "Content-Length": String(Buffer.byteLength(body)) };
    const asked = request(url, {
      method,
      headers: { ...headers, ...length },
      // A connection of its own, which ends with the answer.
      agent: false,
      lookup: lookupHost,
      ...(tls === null ? {} : tlsOptions(tls)),
      ...(socketPath === null ? {} : { socketPath }),
    });
    const finish = (settle: () => void) => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
      settle();
      asked.destroy();
    };
    const fail = (why: string, code?: string) => finish(() => reject(new NoAnswer(why, code)));
    const failed = (error: NodeJS.ErrnoException) => fail(whyNoAnswer(error), error.code);
    const stop = () => fail("stopped");
    const timer = setTimeout(() => fail(`no whole answer after ${timeoutMs / 1000} s`), timeoutMs);
    if (signal?.aborted) return stop();
    signal?.addEventListener("abort", stop, { once: true });
    asked.on("error", failed);
    asked.on("response", (answer) => {
      const parts: Buffer[] = [];
      let bytes = 0;
      const done = (isCut: boolean) =>
        finish(() =>
          resolve({
            status: answer.statusCode ?? 0,
            headers: answer.rawHeaders,
            body: Buffer.concat(parts).subarray(0, mostBytes),
            isCut,
          }),
        );
      answer.on("data", (part: Buffer) => {
        parts.push(part);
        bytes += part.length;
        if (bytes > mostBytes) done(true);
      });
      answer.on("end", () => done(false));
      answer.on("error", failed);
    });
    asked.end(body);
  });
}

function tlsOptions({ ca, cert, key, servername, verify }: ClientTls): https.RequestOptions {
  const given = Object.entries({ ca, cert, key, servername }).filter(([, value]) => value !== null);
  return { ...Object.fromEntries(given), rejectUnauthorized: verify };
}
