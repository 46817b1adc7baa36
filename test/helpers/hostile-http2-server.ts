import { createServer, type Server, type Socket } from "node:net";
import { FLAG, FRAME } from "../../src/http2/frames/frame-types.js";
import { HeaderDecoder } from "../../src/http2/hpack/header-decoder.js";
import { encodeHead, type HeadField } from "../../src/http2/hpack/header-encoder.js";

const PREFACE_BYTES = 24;

/** A server of HTTP/2 on raw sockets that says what it likes, and knows the truth about it. */
export interface HostileHttp2Server {
  readonly url: string;
  readonly port: number;
  /** Whole requests that arrived. */
  readonly requests: number;
  readonly connections: number;
  readonly openSockets: number;
  /** The most streams that were open at once on a connection. */
  readonly mostStreams: number;
  readonly pingAnswers: number;
  /** RST_STREAM frames that arrived. */
  readonly resets: number;
  /** Bytes of bodies that arrived. */
  readonly bodyBytes: number;
  down(): Promise<void>;
  up(): Promise<void>;
}

export interface Http2Behaviour {
  /** Called for each whole request. `nth` counts from 1 over all connections. */
  readonly onRequest: (stream: ServerStream, nth: number) => void;
  /** Instead of empty SETTINGS. */
  readonly onConnection?: (peer: ServerPeer) => void;
  /** Called for each frame of a client, beside what is usual. */
  readonly onFrame?: (peer: ServerPeer, type: number, flags: number, id: number, payload: Buffer) => void;
}

/** A connection as its server sees it. */
export class ServerPeer {
  readonly socket: Socket;
  /** It is the nth connection, from 1. */
  readonly nth: number;
  requests = 0;
  readonly open = new Map<number, ServerStream>();
  #hasSpoken = false;
  #owesAck = false;

  constructor(socket: Socket, nth: number) {
    this.socket = socket;
    this.nth = nth;
  }

  frame(type: number, flags: number, id: number, payload: Buffer = Buffer.alloc(0)): void {
    if (this.socket.writable) this.socket.write(frameBytes(type, flags, id, payload));
  }

  settings(...entries: readonly (readonly [id: number, value: number])[]): void {
    const payload = Buffer.alloc(6 * entries.length);
    for (const [i, [id, value]] of entries.entries()) {
      payload.writeUInt16BE(id, 6 * i);
      payload.writeUInt32BE(value, 6 * i + 2);
    }
    this.frame(FRAME.settings, 0, 0, payload);
    this.#hasSpoken = true;
    if (this.#owesAck) this.acknowledge();
  }

  /** Of the client's SETTINGS. Its own come first. */
  acknowledge(): void {
    this.#owesAck = !this.#hasSpoken;
    if (this.#hasSpoken) this.frame(FRAME.settings, FLAG.ack, 0);
  }

  goaway(lastId: number, code: number): void {
    this.frame(FRAME.goaway, 0, 0, numbers(lastId, code));
  }
}

/** A request as its server sees it. */
export class ServerStream {
  readonly peer: ServerPeer;
  readonly id: number;
  readonly path: string;
  readonly method: string;
  bodyBytes = 0;

  constructor(peer: ServerPeer, id: number, headers: readonly string[]) {
    this.peer = peer;
    this.id = id;
    this.path = headerOf(headers, ":path");
    this.method = headerOf(headers, ":method");
  }

  /** An ordinary answer. */
  respond(body = "hello", status = 200): void {
    this.head([
      [":status", String(status)],
      ["content-length", String(Buffer.byteLength(body))],
    ]);
    this.data(body, true);
  }

  head(fields: readonly HeadField[], endsStream = false): void {
    const flags = FLAG.endHeaders | (endsStream ? FLAG.endStream : 0);
    this.peer.frame(FRAME.headers, flags, this.id, encodeHead(fields).bytes);
    if (endsStream) this.peer.open.delete(this.id);
  }

  data(text: string | Buffer, endsStream = false): void {
    this.peer.frame(FRAME.data, endsStream ? FLAG.endStream : 0, this.id, Buffer.from(text));
    if (endsStream) this.peer.open.delete(this.id);
  }

  reset(code: number): void {
    this.peer.frame(FRAME.rstStream, 0, this.id, numbers(code));
    this.peer.open.delete(this.id);
  }
}

export function frameBytes(type: number, flags: number, id: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(id, 5);
  return Buffer.concat([head, payload]);
}

/** Numbers of 32 bits, one behind the other. */
export function numbers(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [i, value] of values.entries()) bytes.writeUInt32BE(value, 4 * i);
  return bytes;
}

function headerOf(headers: readonly string[], name: string): string {
  const at = headers.indexOf(name);
  return at < 0 ? "" : (headers[at + 1] ?? "");
}

export async function startHostileHttp2Server(behaviour: Http2Behaviour): Promise<HostileHttp2Server> {
  const truth = { requests: 0, connections: 0, mostStreams: 0, pingAnswers: 0, resets: 0, bodyBytes: 0 };
  const sockets = new Set<Socket>();
  let server: Server | null = null;
  let port = 0;

  const accept = (socket: Socket) => {
    const peer = new ServerPeer(socket, ++truth.connections);
    const decoder = new HeaderDecoder(1024 * 1024);
    let block = Buffer.alloc(0);
    let endsStream = false;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    // Clients that go away are part of the game.
    socket.on("error", () => {});
    if (behaviour.onConnection) behaviour.onConnection(peer);
    else peer.settings();

    const whole = (id: number) => {
      const stream = peer.open.get(id);
      if (stream === undefined) return;
      peer.requests++;
      truth.requests++;
      behaviour.onRequest(stream, truth.requests);
    };
    const onFrame = (type: number, flags: number, id: number, payload: Buffer) => {
      behaviour.onFrame?.(peer, type, flags, id, payload);
      if (type === FRAME.settings && (flags & FLAG.ack) === 0) peer.acknowledge();
      if (type === FRAME.ping && (flags & FLAG.ack) !== 0) truth.pingAnswers++;
      if (type === FRAME.rstStream) {
        truth.resets++;
        peer.open.delete(id);
      }
      if (type === FRAME.headers || type === FRAME.continuation) {
        if (type === FRAME.headers) endsStream = (flags & FLAG.endStream) !== 0;
        block = Buffer.concat([block, payload]);
        if ((flags & FLAG.endHeaders) === 0) return;
        const headers = decoder.decode(block, 0, block.length) ?? [];
        block = Buffer.alloc(0);
        peer.open.set(id, new ServerStream(peer, id, headers));
        truth.mostStreams = Math.max(truth.mostStreams, peer.open.size);
        if (endsStream) whole(id);
      }
      if (type === FRAME.data) {
        truth.bodyBytes += payload.length;
        const stream = peer.open.get(id);
        if (stream !== undefined) stream.bodyBytes += payload.length;
        if (payload.length > 0) {
          peer.frame(FRAME.windowUpdate, 0, 0, numbers(payload.length));
          peer.frame(FRAME.windowUpdate, 0, id, numbers(payload.length));
        }
        if ((flags & FLAG.endStream) !== 0) whole(id);
      }
    };
    let unread = Buffer.alloc(0);
    let hasPreface = false;
    socket.on("data", (chunk) => {
      unread = Buffer.concat([unread, chunk]);
      if (!hasPreface) {
        if (unread.length < PREFACE_BYTES) return;
        hasPreface = true;
        unread = unread.subarray(PREFACE_BYTES);
      }
      while (unread.length >= 9) {
        const end = 9 + unread.readUIntBE(0, 3);
        if (unread.length < end) return;
        const [type, flags] = [unread[3] ?? 0, unread[4] ?? 0];
        const id = unread.readUInt32BE(5);
        const payload = unread.subarray(9, end);
        unread = unread.subarray(end);
        onFrame(type, flags, id, payload);
      }
    });
  };

  const up = async () => {
    const listening = createServer({ noDelay: true }, accept);
    server = listening;
    await new Promise<void>((resolve, reject) => {
      listening.once("error", reject);
      listening.listen(port, "127.0.0.1", resolve);
    });
    const address = listening.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    port = address.port;
  };
  const down = async () => {
    const closing = server;
    server = null;
    if (closing === null) return;
    const closed = new Promise((resolve) => closing.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  await up();
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    get requests() {
      return truth.requests;
    },
    get connections() {
      return truth.connections;
    },
    get openSockets() {
      return sockets.size;
    },
    get mostStreams() {
      return truth.mostStreams;
    },
    get pingAnswers() {
      return truth.pingAnswers;
    },
    get resets() {
      return truth.resets;
    },
    get bodyBytes() {
      return truth.bodyBytes;
    },
    down,
    up,
  };
}
