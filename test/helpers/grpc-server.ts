import { once } from "node:events";
import {
  createServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";

/** A call that has arrived whole. */
export interface ReceivedCall {
  readonly stream: ServerHttp2Stream;
  readonly headers: IncomingHttpHeaders;
  /** All that was sent, with the bytes before each message. */
  readonly body: Buffer;
  /** Counts from 1 over all connections. */
  readonly nth: number;
}

/** A server of HTTP/2 that answers calls of gRPC as a test likes, and knows the truth about it. */
export interface GrpcServer {
  readonly url: string;
  /** Calls that arrived whole. */
  readonly calls: number;
  readonly connections: number;
  readonly openSessions: number;
  down(): Promise<void>;
}

export async function startGrpcServer(onCall: (call: ReceivedCall) => void): Promise<GrpcServer> {
  const sessions = new Set<ServerHttp2Session>();
  let calls = 0;
  let connections = 0;
  const server = createServer({ settings: { maxConcurrentStreams: 100 } });
  server.on("session", (session) => {
    connections += 1;
    sessions.add(session);
    session.on("close", () => sessions.delete(session));
    // Clients that go away are part of the game.
    session.on("error", () => {});
  });
  server.on("stream", (stream, headers) => {
    const pieces: Buffer[] = [];
    stream.on("error", () => {});
    stream.on("data", (piece: Buffer) => pieces.push(piece));
    stream.on("end", () => {
      calls += 1;
      onCall({ stream, headers, body: Buffer.concat(pieces), nth: calls });
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    get calls() {
      return calls;
    },
    get connections() {
      return connections;
    },
    get openSessions() {
      return sessions.size;
    },
    down: async () => {
      const closed = once(server, "close");
      server.close();
      for (const session of sessions) session.destroy();
      await closed;
    },
  };
}

/** A message with the five bytes before it. `length`: another one than it has. */
export function framed(message: Uint8Array, { flag = 0, length = message.length } = {}): Buffer {
  const head = Buffer.alloc(5);
  head[0] = flag;
  head.writeUInt32BE(length, 1);
  return Buffer.concat([head, message]);
}

const HEAD = { ":status": 200, "content-type": "application/grpc" };

/** Answers with these bytes and trailers. */
export function answer(
  { stream }: ReceivedCall,
  bytes: Uint8Array,
  trailers: Readonly<Record<string, string>> = { "grpc-status": "0" },
  headers: Readonly<Record<string, string | number>> = {},
): void {
  if (stream.destroyed) return;
  stream.respond({ ...HEAD, ...headers }, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers(trailers));
  stream.end(bytes);
}

/** Answers with a head alone, which ends the stream. */
export function answerWithHead(
  { stream }: ReceivedCall,
  headers: Readonly<Record<string, string | number>>,
): void {
  if (!stream.destroyed) stream.respond({ ...HEAD, ...headers }, { endStream: true });
}
