import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { LoadTarget } from "../../../plan/load-plan.js";
import type { Failure } from "../../channel.js";
import { describeEnd, tlsProblem } from "../../sockets/connection-errors.js";
import type { RoundTrip } from "../../sockets/round-trip.js";
import { connectToTarget, HTTP2_ALPN } from "../../sockets/target-socket.js";

/** The same for all connections of a thread. */
export interface Http2Settings {
  readonly target: LoadTarget;
  readonly roundTrip: RoundTrip;
}

/** What becomes of a socket. */
export interface SocketEvents {
  /** It is open. `problem`: why it is of no use all the same. null: it is. */
  readonly opened: (problem: string | null) => void;
  readonly read: (chunk: Buffer, length: number) => void;
  /** It failed, or the other side ended it. May come twice. */
  readonly ended: () => void;
}

/** The socket under a connection of HTTP/2, with TLS or without. It connects at once. */
export class Http2Socket {
  readonly #socket: Socket;
  readonly #isSecure: boolean;
  readonly #verifiesTls: boolean;
  #error: Error | null = null;

  constructor({ target, roundTrip }: Http2Settings, { opened, read, ended }: SocketEvents) {
    this.#verifiesTls = target.tls?.verify ?? true;
    const socket = connectToTarget(target, HTTP2_ALPN, read);
    this.#socket = socket;
    this.#isSecure = socket instanceof TLSSocket;
    const openedMs = performance.now();
    socket.once("connect", () => roundTrip.note(performance.now() - openedMs));
    socket.once(this.#isSecure ? "secureConnect" : "connect", () => opened(this.#handshakeProblem()));
    socket.on("error", (error) => {
      this.#error = error;
    });
    socket.once("end", ended);
    socket.once("close", ended);
  }

  /** Bytes that the system has not taken yet. */
  get unsentBytes(): number {
    return this.#socket.writableLength;
  }

  write(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  /** Closes it when all that was written has gone out. */
  end(): void {
    this.#socket.destroySoon();
  }

  /** Closes it at once. */
  destroy(): void {
    this.#socket.destroy();
  }

  /**
   * What its end is for a request on it.
   * @param wasOpen whether it had been open.
   * @param hasHead whether the head of the request's answer has come.
   * @param crossed the request met a close that was under way.
   */
  failureOf(wasOpen: boolean, hasHead: boolean, crossed: boolean): Failure {
    return describeEnd(this.#error, wasOpen, hasHead ? 1 : 0, this.#isSecure, crossed);
  }

  #handshakeProblem(): string | null {
    const socket = this.#socket;
    if (!(socket instanceof TLSSocket)) return null;
    const problem = this.#verifiesTls ? tlsProblem(socket) : null;
    if (problem !== null) return problem;
    return socket.alpnProtocol === HTTP2_ALPN ? null : "the server did not choose HTTP/2";
  }
}
