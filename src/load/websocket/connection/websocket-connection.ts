import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { CLOSED_IDLE } from "../../../measure/outcome.js";
import type { LoadTarget } from "../../../plan/load-plan.js";
import { closeInWords } from "../../../requests/websocket/close-codes.js";
import type { ChannelOwner, Failure } from "../../channel.js";
import { describeEnd, tlsProblem } from "../../sockets/connection-errors.js";
import { IdleCrossing } from "../../sockets/idle-crossing.js";
import type { RoundTrip } from "../../sockets/round-trip.js";
import { connectToTarget, HTTP1_ALPN } from "../../sockets/target-socket.js";
import { FrameReader, TOO_LONG } from "../../websocket-frames/frame-reader.js";
import { clientFrame, closeFrame } from "../../websocket-frames/frame-writer.js";
import { OPCODE } from "../../websocket-frames/opcodes.js";
import { type HandshakeResult, OpeningHandshake, type WebSocketEndpoint } from "./handshake.js";
import type { LingeringConnections } from "./lingering-connections.js";

/** The same for all connections of a thread. */
export interface WebSocketSettings {
  readonly target: LoadTarget;
  readonly roundTrip: RoundTrip;
  readonly lingering: LingeringConnections;
  readonly traffic: Pick<ChannelOwner, "opened" | "sent" | "received" | "turnStartUs">;
}

/** Who uses a connection now. */
export interface ConnectionUser {
  /** The handshake is done. `headers`: of its answer, names and values in turn. */
  established(headers: readonly string[]): void;
  message(bytes: Buffer, isBinary: boolean): void;
  /** The server has sent a Close frame. @returns true: that was the right answer, and nothing more is told. */
  closed(code: number | null): boolean;
  /** The handshake was answered, and refused. */
  refused(answer: Extract<HandshakeResult, { readonly kind: "status" }>): void;
  failed(failure: Failure): void;
}

/** How long a server that has been told of the end has to close the connection. */
const LINGER_MS = 1_000;
/** How long it has to take what was sent before that. */
const MOST_LINGER_MS = 10_000;
/** A server that does not read gets no more answers to its pings. */
const MOST_UNREAD_BYTES = 64 * 1024;

type State = "connecting" | "handshake" | "open" | "closing" | "over";

/** One connection, from its first byte to its last. */
export class WebSocketConnection {
  readonly #socket: Socket;
  readonly #settings: WebSocketSettings;
  readonly #handshake: OpeningHandshake;
  readonly #reader: FrameReader;
  readonly #crossing: IdleCrossing;
  readonly #onIdleEnd: (connection: WebSocketConnection) => void;
  /** null: nobody uses it. */
  #user: ConnectionUser | null;
  #state: State = "connecting";
  #error: Error | null = null;
  #idleSinceUs = 0;
  /** Bytes that have come for this user. */
  #bytesRead = 0;
  #linger: NodeJS.Timeout | null = null;
  #isReading = false;
  /** Its user has its answer, and is told when all is read that came with it. */
  #onRead: (() => void) | null = null;
  /** Messages that lie here: the system has not taken them. */
  #untaken = 0;
  #onTaken: (() => void) | null = null;
  /** The message that is not whole began before its user. */
  #isStaleMessage = false;

  /** `onIdleEnd`: it ended while nobody used it. */
  constructor(
    settings: WebSocketSettings,
    endpoint: WebSocketEndpoint,
    user: ConnectionUser,
    onIdleEnd: (connection: WebSocketConnection) => void,
  ) {
    this.#settings = settings;
    this.#user = user;
    this.#onIdleEnd = onIdleEnd;
    this.#crossing = new IdleCrossing(settings.roundTrip);
    this.#handshake = new OpeningHandshake(endpoint);
    this.#reader = new FrameReader({
      message: (bytes, isBinary) => this.#message(bytes, isBinary),
      ping: (payload) => this.#pong(payload),
      close: (code) => this.#closedByServer(code),
    });
    this.#socket = connectToTarget(settings.target, HTTP1_ALPN, (chunk, length) =>
      this.#read(chunk.subarray(0, length)),
    );
    this.#listen(performance.now());
  }

  get isOpen(): boolean {
    return this.#state === "open";
  }

  /** Another user may come, and nothing of this one is left. */
  get isReusable(): boolean {
    return this.isOpen && this.#untaken === 0;
  }

  /** Why nothing has been sent on it yet. null: it is open. */
  get waitsFor(): string | null {
    if (this.#state === "connecting") return "no connection in time";
    return this.#state === "handshake" ? "no WebSocket handshake in time" : null;
  }

  /** Call it while nobody uses it, and it is open. */
  use(user: ConnectionUser): void {
    this.#user = user;
    this.#bytesRead = 0;
    this.#isStaleMessage = this.#reader.isWithinMessage;
    this.#crossing.awake(this.#settings.traffic.turnStartUs - this.#idleSinceUs);
  }

  /** Its user is done, and another one may come. */
  rest(): void {
    this.#user = null;
    this.#idleSinceUs = this.#settings.traffic.turnStartUs;
    this.#crossing.forget();
  }

  send(opcode: typeof OPCODE.text | typeof OPCODE.binary, payload: Buffer): void {
    this.#untaken += 1;
    this.#write(clientFrame(opcode, payload), this.#taken);
  }

  /** Calls back when the system has taken all messages of its user. Never, where the connection ends before. */
  whenTaken(done: () => void): void {
    if (this.#untaken === 0) done();
    else this.#onTaken = done;
  }

  /**
   * Calls back when all is read that has come at once. Its user is told nothing more: what is behind its answer is not the
   * next one's.
   */
  whenRead(done: () => void): void {
    if (this.#isReading) this.#onRead ??= done;
    else done();
  }

  /** Says that it is over, and waits a moment for the server to close the connection. Its user is told nothing more. */
  finish(code: number): void {
    this.#user = null;
    if (this.#state === "open") this.#closing(closeFrame(code));
    else if (this.#state !== "closing") this.destroy();
  }

  /** At once. Its user is told nothing more. */
  destroy(): void {
    this.#user = null;
    this.#end();
    this.#socket.destroy();
  }

  #listen(openedMs: number): void {
    const socket = this.#socket;
    const isSecure = socket instanceof TLSSocket;
    socket.once("connect", () => this.#settings.roundTrip.note(performance.now() - openedMs));
    socket.once(isSecure ? "secureConnect" : "connect", () => this.#connected());
    socket.on("error", (error) => {
      this.#error = error;
    });
    socket.once("end", () => this.#ended());
    socket.once("close", () => this.#ended());
  }

  #connected(): void {
    if (this.#state !== "connecting") return;
    this.#settings.traffic.opened();
    const verifies = this.#settings.target.tls?.verify ?? true;
    const problem = verifies ? tlsProblem(this.#socket) : null;
    if (problem !== null) {
      this.#fail({ kind: "refused", reason: `TLS: ${problem}` });
      return;
    }
    this.#state = "handshake";
    this.#write(this.#handshake.request);
  }

  #write(bytes: Buffer, taken?: (error?: Error | null) => void): void {
    this.#settings.traffic.sent(bytes.length);
    this.#socket.write(bytes, taken);
  }

  readonly #taken = (error?: Error | null): void => {
    this.#untaken -= 1;
    if (error || this.#untaken > 0 || this.#onTaken === null) return;
    const done = this.#onTaken;
    this.#onTaken = null;
    done();
  };

  #pong(payload: Buffer): void {
    if (this.#state !== "open" || this.#socket.writableLength > MOST_UNREAD_BYTES) return;
    this.#write(clientFrame(OPCODE.pong, payload));
  }

  #read(chunk: Buffer): void {
    if (this.#state === "over") return;
    this.#settings.traffic.received(chunk.length);
    if (this.#state === "handshake") {
      const result = this.#handshake.read(chunk);
      if (result !== null) this.#answered(result);
      return;
    }
    this.#bytesRead += chunk.length;
    if (this.#state === "open" || this.#state === "closing") this.#frames(chunk);
  }

  #answered(result: HandshakeResult): void {
    if (result.kind === "open") {
      this.#state = "open";
      this.#handshake.drop();
      this.#user?.established(result.headers);
      // Its user may have closed it.
      if (result.rest.length > 0 && this.isOpen) {
        this.#bytesRead += result.rest.length;
        this.#frames(result.rest);
      }
      return;
    }
    const user = this.#user;
    this.destroy();
    if (result.kind === "status") user?.refused(result);
    else user?.failed({ kind: "malformed", reason: result.reason });
  }

  /** A message that had begun before its user has asked for anything is no answer. */
  #message(bytes: Buffer, isBinary: boolean): void {
    const isStale = this.#isStaleMessage;
    this.#isStaleMessage = false;
    if (isStale || this.#onRead !== null) return;
    this.#crossing.forget();
    this.#user?.message(bytes, isBinary);
  }

  #frames(bytes: Buffer): void {
    this.#isReading = true;
    const problem = this.#reader.read(bytes);
    this.#isReading = false;
    if (problem !== null) this.#broken(problem);
    const done = this.#onRead;
    this.#onRead = null;
    done?.();
  }

  #broken(problem: string): void {
    const user = this.#user;
    this.#user = null;
    if (this.#state === "open") this.#closing(closeFrame(problem === TOO_LONG ? 1009 : 1002));
    else this.destroy();
    this.#reader.stop();
    if (this.#onRead !== null) return;
    if (user === null) this.#onIdleEnd(this);
    else user.failed({ kind: "malformed", reason: `WebSocket: ${problem}` });
  }

  #closedByServer(code: number | null): void {
    // The server closes the connection first: who does that keeps its port for a minute.
    if (this.#state === "closing") return;
    const crossed = this.#crossing.isCertain;
    const user = this.#user;
    this.#user = null;
    this.#closing(closeFrame(code));
    if (this.#onRead !== null) return;
    if (user === null) this.#onIdleEnd(this);
    else if (!user.closed(code)) {
      user.failed({ kind: "reset", reason: crossed ? CLOSED_IDLE : `closed: ${closeInWords(code)}` });
    }
  }

  /** Its last frame goes out. */
  #closing(frame: Buffer): void {
    this.#state = "closing";
    this.#lingerFor(MOST_LINGER_MS);
    this.#settings.lingering.add(this);
    this.#write(frame, (error) => {
      if (!error && this.#state === "closing") this.#lingerFor(LINGER_MS);
    });
  }

  #lingerFor(ms: number): void {
    if (this.#linger !== null) clearTimeout(this.#linger);
    this.#linger = setTimeout(() => this.destroy(), ms);
    this.#linger.unref();
  }

  /** The socket failed, or the other side ended it. */
  #ended(): void {
    if (this.#state === "over") return;
    const wasOpen = this.#state !== "connecting";
    const isWithin = this.#state === "handshake" ? this.#handshake.hasBegun : this.#bytesRead > 0;
    const isSecure = this.#socket instanceof TLSSocket;
    const failure = describeEnd(this.#error, wasOpen, isWithin ? 1 : 0, isSecure, this.#crossing.isCertain);
    this.#fail(this.#state === "handshake" ? inHandshake(failure) : failure);
  }

  #fail(failure: Failure): void {
    const user = this.#user;
    const wasUsable = this.#state === "open";
    this.destroy();
    if (user !== null) user.failed(failure);
    else if (wasUsable) this.#onIdleEnd(this);
  }

  #end(): void {
    this.#state = "over";
    this.#onTaken = null;
    this.#handshake.drop();
    this.#reader.stop();
    this.#settings.lingering.delete(this);
    if (this.#linger !== null) clearTimeout(this.#linger);
  }
}

function inHandshake(failure: Failure): Failure {
  return failure.kind === "reset" && failure.reason === "closed without answer"
    ? { kind: "reset", reason: "closed in the WebSocket handshake" }
    : failure;
}
