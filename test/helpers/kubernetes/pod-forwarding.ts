import { createHash } from "node:crypto";
import http, { type IncomingHttpHeaders } from "node:http";
import https from "node:https";
import { type AddressInfo, connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { SWITCHING, serverFrame } from "../websocket-server.js";

/** What a forward does instead of forwarding. */
export type Forwarding =
  | "serve"
  /** It is forwarded, and the connection breaks in the middle, without a word. */
  | { readonly cutAfterBytes: number }
  /** The kubelet's words on the error channel, before the end. */
  | { readonly error: string }
  | { readonly subprotocol: string | null }
  | { readonly saysPort: number }
  | { readonly closeCode: number }
  | "silent";

const PROTOCOL = "v4.channel.k8s.io";
const DATA = 0;
const ERROR = 1;

/** What asks for a port of a pod. */
export interface ForwardAsked {
  readonly pod: string;
  readonly port: number;
  readonly socket: Duplex;
  readonly headers: IncomingHttpHeaders;
}

/** Forwards to servers in pods as a kubelet does (`v4.channel.k8s.io`), or otherwise. */
export class PodForwarding {
  /** Decides of each forward what becomes of it. */
  of: (pod: string, nth: number) => Forwarding = () => "serve";
  /** Names of pods that were forwarded to, in order. */
  readonly forwarded: string[] = [];
  /** Whether pings are answered. */
  answersPings = true;
  /** What stands between ends a connection on which nothing comes for so long. null: never. */
  idleMs: number | null = null;
  readonly #open = new Set<Duplex>();

  /** Connections that are forwarded now. */
  get open(): number {
    return this.#open.size;
  }

  /** Ends all forwards without a word, as an API server does that is killed. */
  cut(): void {
    for (const socket of this.#open) socket.destroy();
  }

  /** `server`: undefined where nothing listens in the pod. */
  async forward(
    { pod: name, port, socket, headers }: ForwardAsked,
    server: PodServer | undefined,
  ): Promise<void> {
    this.forwarded.push(name);
    const how = this.of(name, this.forwarded.length);
    const key = String(headers["sec-websocket-key"]);
    const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
    const offered = String(headers["sec-websocket-protocol"]);
    const chosen = typeof how === "object" && "subprotocol" in how ? how.subprotocol : offered;
    const line = chosen === null ? "" : `Sec-WebSocket-Protocol: ${chosen}\r\n`;
    socket.write(`${SWITCHING}Sec-WebSocket-Accept: ${accept}\r\n${line}\r\n`);
    if (offered !== PROTOCOL || how === "silent") return;
    this.#open.add(socket);
    socket.once("close", () => this.#open.delete(socket));
    // A server of Node keeps its half open when the other one is closed, and a kubelet does not.
    socket.once("end", () => socket.end());
    const say = (channel: number, bytes: Buffer) => {
      if (socket.writable) socket.write(serverFrame(2, Buffer.concat([Buffer.from([channel]), bytes])));
    };
    const end = (code = 1000) => {
      if (socket.writable) socket.end(serverFrame(8, Buffer.from([code >> 8, code & 255])));
    };
    const said = typeof how === "object" && "saysPort" in how ? how.saysPort : port;
    for (const channel of [DATA, ERROR]) say(channel, Buffer.from([said & 255, said >> 8]));
    const fail = (why: string) => {
      say(ERROR, Buffer.from(`error forwarding port ${port} to pod ${name}, uid : ${why}`));
      end();
    };
    if (typeof how === "object" && "error" in how) return fail(how.error);
    if (typeof how === "object" && "closeCode" in how) return end(how.closeCode);
    if (server === undefined || port !== server.podPort) {
      const dial = `dial tcp4 127.0.0.1:${port}: connect: connection refused`;
      return fail(`failed to connect to localhost:${port} inside namespace "x", IPv4: ${dial}`);
    }
    let bytes = 0;
    const own = connect({ port: await server.port, host: "127.0.0.1", noDelay: true });
    server.track(own);
    own.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (typeof how === "object" && "cutAfterBytes" in how && bytes > how.cutAfterBytes) socket.destroy();
      else say(DATA, chunk);
      if (socket.writableNeedDrain) own.pause();
    });
    socket.on("drain", () => own.resume());
    own.on("end", () => end());
    own.on("error", (error) =>
      fail(`read tcp4 127.0.0.1:1->127.0.0.1:${port}: ${error.message}: connection reset by peer`),
    );
    const frames = new ClientFrames(
      (payload) => own.write(payload.subarray(1)),
      (payload) => {
        // As the server of golang.org/x/net/websocket does.
        if (payload.length === 0) socket.destroy();
        else if (this.answersPings && socket.writable) socket.write(serverFrame(10, payload));
      },
    );
    const { idleMs } = this;
    const idle = idleMs === null ? undefined : setTimeout(() => socket.destroy(), idleMs);
    socket.once("close", () => clearTimeout(idle));
    socket.on("data", (chunk: Buffer) => {
      idle?.refresh();
      if (frames.read(chunk)) end();
    });
    socket.once("close", () => own.destroy());
  }
}

/** The server in a pod. */
export class PodServer {
  readonly podPort = 8080;
  readonly port: Promise<number>;
  readonly #server: http.Server;
  readonly #sockets = new Set<Socket>();

  constructor(answer: http.RequestListener, tls: https.ServerOptions | null) {
    this.#server = tls ? https.createServer(tls, answer) : http.createServer(answer);
    this.port = new Promise((resolve) => {
      this.#server.listen(0, "127.0.0.1", () => resolve((this.#server.address() as AddressInfo).port));
    });
  }

  track(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
  }

  /** As when its processes are killed. */
  async close(): Promise<void> {
    for (const socket of this.#sockets)
      socket.destroy(Object.assign(new Error("killed"), { code: "ECONNRESET" }));
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** What a client sends, unmasked. */
class ClientFrames {
  readonly #onMessage: (payload: Buffer) => void;
  readonly #onPing: (payload: Buffer) => void;
  #unread: Buffer = Buffer.alloc(0);

  constructor(onMessage: (payload: Buffer) => void, onPing: (payload: Buffer) => void) {
    this.#onMessage = onMessage;
    this.#onPing = onPing;
  }

  /** @returns whether it has said Close. */
  read(chunk: Buffer): boolean {
    this.#unread = Buffer.concat([this.#unread, chunk]);
    for (;;) {
      const bytes = this.#unread;
      if (bytes.length < 2) return false;
      const short = bytes[1]! & 0x7f;
      const size = short === 126 ? 4 : short === 127 ? 10 : 2;
      if (bytes.length < size + 4) return false;
      const length =
        short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
      if (bytes.length < size + 4 + length) return false;
      const mask = bytes.subarray(size, size + 4);
      const payload = Buffer.from(bytes.subarray(size + 4, size + 4 + length)).map(
        (byte, at) => byte ^ mask[at & 3]!,
      );
      this.#unread = bytes.subarray(size + 4 + length);
      if ((bytes[0]! & 0x0f) === 8) return true;
      if ((bytes[0]! & 0x0f) === 9) this.#onPing(Buffer.from(payload));
      if ((bytes[0]! & 0x0f) === 2) this.#onMessage(Buffer.from(payload));
    }
  }
}
