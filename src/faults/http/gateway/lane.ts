import type { Socket } from "node:net";

/** One direction of a connection: what is read from one socket is written to the other, no faster than it is taken. */
export class Lane {
  readonly #from: Socket;
  readonly #to: Socket;

  /** `from` is read from now on. */
  constructor(from: Socket, to: Socket) {
    this.#from = from;
    this.#to = to;
    from.on("data", (bytes: Buffer) => this.write(bytes));
    from.on("end", () => this.end());
    to.on("drain", () => this.#from.resume());
    from.resume();
  }

  write(bytes: Buffer): void {
    if (!this.#to.writable) return;
    if (!this.#to.write(bytes)) this.#from.pause();
  }

  /** The sender has said its last; the other way stays open. */
  end(): void {
    this.#to.end();
  }
}
