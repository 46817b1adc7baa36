import type { Duplex } from "node:stream";
import { monotonicMs } from "../../support/clock.js";
import { saidIn } from "../../support/secrets/said.js";
import { FrameReader } from "../websocket-frames/frame-reader.js";
import { clientFrame, closeFrame } from "../websocket-frames/frame-writer.js";
import { OPCODE } from "../websocket-frames/opcodes.js";

/** How a forwarded connection ended, when this side did not end it. */
export type PodEnd =
  /** The pod's side closed it. */
  | { readonly kind: "closed" }
  /** The pod's port refused or reset it, in the words of whoever forwards. */
  | { readonly kind: "pod"; readonly said: string }
  /** Something failed on the cluster's side. Only the pod's state tells whether it is the pod. */
  | { readonly kind: "error"; readonly said: string }
  /** The WebSocket broke, or was against the rules. */
  | { readonly kind: "lost"; readonly why: string };

export interface PodListener {
  /** @returns false when no more is wanted until `resume`. */
  data(bytes: Buffer): boolean;
  /** More may be sent. */
  drain(): void;
  /** Once, unless `close` was called. */
  ended(end: PodEnd): void;
}

const DATA = 0;
const ERROR = 1;
const PORT_BYTES = 2;
/** Not empty: the server of golang.org/x/net/websocket takes an empty one for the end (`HandleFrame` in hybi.go). */
const PING = Buffer.from("faultline");
const NORMAL = 1000;
/** How long the server has to take what was written last. */
const LINGER_MS = 1_000;

/** What TCP says of the pod's port, in the words of Go, of socat and of the kernel. */
const OF_THE_PORT =
  /connection refused|connection reset|broken pipe|\b(?:dial|read|write) tcp.*(?:i\/o timeout|EOF)|connection timed out/i;

/** One TCP connection to a port of a pod, over one WebSocket (v4.channel.k8s.io). */
export class PodConnection {
  /** Resolves when the kubelet has begun to forward: it says the port on both channels. False: it ended before. */
  readonly begun: Promise<boolean>;
  readonly #socket: Duplex;
  readonly #reader: FrameReader;
  readonly #listener: PodListener;
  readonly #port: number;
  /** Bytes of the port that are still to come, by channel. */
  readonly #heads: Buffer[] = [Buffer.alloc(0), Buffer.alloc(0)];
  #said = "";
  #heardMs = monotonicMs();
  #closeCode: number | null | undefined;
  #isOver = false;
  #tellBegun: (hasBegun: boolean) => void = () => {};

  /** @param rest frames that came with the handshake. */
  constructor(socket: Duplex, rest: Buffer, port: number, listener: PodListener) {
    this.#socket = socket;
    this.#listener = listener;
    this.#port = port;
    this.begun = new Promise((resolve) => {
      this.#tellBegun = resolve;
    });
    this.#reader = new FrameReader({
      message: (bytes, isBinary) => this.#message(bytes, isBinary),
      ping: (payload) => void this.#write(clientFrame(OPCODE.pong, payload)),
      close: (code) => {
        this.#closeCode = code;
        this.#ended();
      },
    });
    socket.on("data", (chunk: Buffer) => this.#read(chunk));
    socket.on("drain", () => this.#listener.drain());
    socket.on("error", () => this.#ended());
    socket.on("end", () => this.#ended());
    socket.on("close", () => this.#ended());
    // Whoever waits for it has to be there first.
    setImmediate(() => {
      if (rest.length > 0) this.#read(rest);
      if (!this.#isOver) socket.resume();
    });
  }

  /** @returns false when `drain` should be waited for. */
  send(bytes: Buffer): boolean {
    const payload = Buffer.allocUnsafe(bytes.length + 1);
    payload[0] = DATA;
    bytes.copy(payload, 1);
    return this.#write(clientFrame(OPCODE.binary, payload));
  }

  /** When a byte last came, also of an answer to a ping. In ms of `monotonicMs`. */
  get heardMs(): number {
    return this.#heardMs;
  }

  /** The other side has to answer it (RFC 6455, 5.5.2). The pod's port gets nothing of it. */
  ping(): void {
    this.#write(clientFrame(OPCODE.ping, PING));
  }

  resume(): void {
    if (!this.#isOver) this.#socket.resume();
  }

  /** Ends it from this side, and tells nobody. */
  close(): void {
    if (this.#isOver) return;
    this.#write(closeFrame(NORMAL));
    this.#over();
  }

  #write(frame: Buffer): boolean {
    return this.#isOver || this.#socket.destroyed || this.#socket.write(frame);
  }

  #read(chunk: Buffer): void {
    if (this.#isOver) return;
    this.#heardMs = monotonicMs();
    const problem = this.#reader.read(chunk);
    if (problem !== null) this.#lost(`the API server's frames break the rules: ${problem}`);
  }

  #message(bytes: Buffer, isBinary: boolean): void {
    if (this.#isOver || bytes.length === 0) return;
    const channel = bytes[0]!;
    if (!isBinary || channel > ERROR) {
      this.#lost(`a message came on no channel of port ${this.#port}`);
      return;
    }
    const payload = this.#withoutPort(channel, bytes.subarray(1));
    if (payload === null || payload.length === 0) return;
    if (channel === ERROR) this.#said = saidIn(this.#said + payload.toString("utf8"));
    else if (!this.#listener.data(payload)) this.#socket.pause();
  }

  /** @returns null when it is over. */
  #withoutPort(channel: number, payload: Buffer): Buffer | null {
    const head = this.#heads[channel]!;
    if (head.length === PORT_BYTES) return payload;
    const missing = PORT_BYTES - head.length;
    const whole = Buffer.concat([head, payload.subarray(0, missing)]);
    this.#heads[channel] = whole;
    if (whole.length < PORT_BYTES) return Buffer.alloc(0);
    if (whole.readUInt16LE(0) !== this.#port) {
      this.#lost(`it forwards port ${whole.readUInt16LE(0)}, and not ${this.#port}`);
      return null;
    }
    if (this.#heads.every(({ length }) => length === PORT_BYTES)) this.#tellBegun(true);
    return payload.subarray(missing);
  }

  #ended(): void {
    if (this.#isOver) return;
    if (this.#said !== "")
      this.#end({ kind: OF_THE_PORT.test(this.#said) ? "pod" : "error", said: this.#said });
    else if (this.#closeCode === null || this.#closeCode === NORMAL) this.#end({ kind: "closed" });
    else if (this.#closeCode === undefined) this.#lost("the connection to the API server was cut");
    else this.#lost(`it was closed with code ${this.#closeCode}`);
  }

  #lost(why: string): void {
    this.#end({ kind: "lost", why });
  }

  #end(end: PodEnd): void {
    if (this.#isOver) return;
    this.#over();
    this.#listener.ended(end);
  }

  #over(): void {
    this.#isOver = true;
    this.#tellBegun(false);
    this.#reader.stop();
    // What was written last still goes out.
    this.#socket.end(() => this.#socket.destroy());
    setTimeout(() => this.#socket.destroy(), LINGER_MS).unref();
  }
}
