import type { Socket } from "node:net";

/** Who looks at what a lane carries. */
export interface LaneReader {
  /** Bytes have come: the reader hands on what is to go on, with `write`. */
  read(bytes: Buffer): void;
  /** The sender has ended its stream, and all of it was read. */
  ended(): void;
  /** The sender has ended its stream. Some of it may be held. */
  endSeen(): void;
}

/** So much is read of a sender while nothing is handed on: its end is seen then. */
const MOST_HELD_BYTES = 256 * 1024;

/** One direction of a connection: what is read from one socket goes to the other, no faster than it is taken. */
export class Lane {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #reader: LaneReader;
  #unread: Buffer[] = [];
  #unreadBytes = 0;
  #isHeld = false;
  #hasEnded = false;
  #isOver = false;

  /** Whoever reads `from` calls `arrived`. */
  constructor(from: Socket, to: Socket, reader: LaneReader) {
    this.#from = from;
    this.#to = to;
    this.#reader = reader;
    from.on("end", () => {
      this.#hasEnded = true;
      this.#reader.endSeen();
      this.#goOn();
    });
    to.on("drain", () => this.#flow());
  }

  /** Bytes were read from the sender. */
  arrived(bytes: Buffer): void {
    if (!this.#isHeld && this.#unread.length === 0) {
      this.#reader.read(bytes);
      return;
    }
    this.#unread.push(bytes);
    this.#unreadBytes += bytes.length;
    if (this.#unreadBytes > MOST_HELD_BYTES) this.#from.pause();
  }

  /** Nothing more is handed to the reader until `release`. */
  hold(): void {
    this.#isHeld = true;
  }

  release(): void {
    this.#isHeld = false;
    this.#goOn();
  }

  /** Gives back what the reader has not looked at: it comes again first of all. */
  unread(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#unread.unshift(bytes);
    this.#unreadBytes += bytes.length;
  }

  write(bytes: Buffer): void {
    if (bytes.length === 0 || !this.#to.writable) return;
    if (!this.#to.write(bytes)) this.#from.pause();
  }

  /** The sender has ended its stream. The other direction stays open. */
  end(): void {
    this.#to.end();
  }

  #goOn(): void {
    while (!this.#isHeld) {
      const bytes = this.#unread.shift();
      if (!bytes) break;
      this.#unreadBytes -= bytes.length;
      this.#reader.read(bytes);
    }
    if (this.#isHeld) return;
    if (this.#hasEnded && !this.#isOver) {
      this.#isOver = true;
      this.#reader.ended();
    }
    this.#flow();
  }

  #flow(): void {
    if (this.#unreadBytes <= MOST_HELD_BYTES && !this.#to.writableNeedDrain) this.#from.resume();
  }
}
