import {
  type ClientHttp2Session,
  type ClientSessionOptions,
  connect,
  createServer,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Stream,
  type ServerOptions,
} from "node:http2";
import type { AddressInfo } from "node:net";
import { type HttpGateway, openGateway } from "../../src/faults/http/gateway/gateway.js";
import type { HttpRule } from "../../src/faults/http-rule.js";

export interface Http2Answer {
  /** 0: there was none. */
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly trailers: IncomingHttpHeaders;
  /** The code of RST_STREAM. 0: the stream came to its end. */
  readonly reset: number;
  readonly tookMs: number;
}

export type StreamHandler = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void;

/** Asks, and waits for the end of the stream, whatever it is. */
export function ask2(
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders = {},
  body: Buffer | null = null,
): Promise<Http2Answer> {
  return new Promise((resolve) => {
    const askedMs = performance.now();
    const stream = session.request({ ":path": "/", ...headers }, { endStream: body === null });
    const parts: Buffer[] = [];
    let answer: IncomingHttpHeaders = {};
    let trailers: IncomingHttpHeaders = {};
    stream.on("response", (head) => {
      answer = head;
    });
    stream.on("trailers", (head) => {
      trailers = head;
    });
    stream.on("data", (part: Buffer) => parts.push(part));
    stream.on("error", () => {});
    stream.on("close", () =>
      resolve({
        status: Number(answer[":status"] ?? 0),
        headers: answer,
        body: Buffer.concat(parts),
        trailers,
        reset: stream.rstCode ?? 0,
        tookMs: performance.now() - askedMs,
      }),
    );
    if (body !== null) stream.end(body);
  });
}

/** A server of HTTP/2 (h2c) behind a gateway with rules, and clients with prior knowledge. */
export class Http2Line {
  readonly gateway: HttpGateway;
  readonly #ends: (() => void)[];

  private constructor(gateway: HttpGateway, ends: (() => void)[]) {
    this.gateway = gateway;
    this.#ends = ends;
  }

  static async open(
    handler: StreamHandler,
    rules: readonly HttpRule[] = [],
    options: ServerOptions = {},
  ): Promise<Http2Line> {
    const ends: (() => void)[] = [];
    const server = createServer(options);
    server.on("session", (session) => {
      session.on("error", () => {});
      ends.push(() => session.destroy());
    });
    server.on("stream", (stream, headers) => {
      stream.on("error", () => {});
      handler(stream, headers);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const gateway = await openGateway({
      listen: { host: "127.0.0.1", port: 0 },
      upstream: { address: { host: "127.0.0.1", port }, tls: null, alpn: null },
    });
    gateway.setRules(rules);
    ends.push(
      () => server.close(),
      () => gateway.close(),
    );
    return new Http2Line(gateway, ends);
  }

  session(options: ClientSessionOptions = {}): ClientHttp2Session {
    const session = connect(`http://${this.gateway.address}`, options);
    session.on("error", () => {});
    this.#ends.push(() => session.destroy());
    return session;
  }

  close(): void {
    for (const end of this.#ends.splice(0).reverse()) end();
  }
}
