import type { Failure } from "../../channel.js";
import type { Answer } from "../../compiled-request.js";
import type { OpenStream } from "../stream-request.js";

/** Who is told what comes on a stream. Exactly one of `whole`, `settled`, `broken` and `unprocessed` comes, and is the last. */
export interface StreamUser {
  readonly isHead: boolean;
  /** @returns why it is malformed. */
  head(status: number, headers: readonly string[]): string | null;
  data(piece: Buffer): string | null;
  whole(trailers: readonly string[]): void;
  /** It has the answer although the stream was not whole. */
  settled(answer: Answer): void;
  broken(failure: Failure): void;
  /** The other side has reset the stream. */
  wasReset(errorName: string): void;
  /** The other side has said that it did not process the request. `why`: the frame that said so. */
  unprocessed(why: string): void;
}

/** What a stream asks of its connection. */
export interface StreamSender {
  send(stream: Http2Stream): void;
  cancel(stream: Http2Stream): void;
}

/** One request and its answer on a connection. */
export class Http2Stream implements OpenStream {
  readonly id: number;
  readonly user: StreamUser;
  readonly #sender: StreamSender;
  /** Bytes that may be sent. Below 0 when the other side has made its windows smaller. */
  sendWindow: number;
  /** Bytes that the other side may still send. */
  receiveWindow: number;
  /** What waits for a window. */
  readonly unsent: Buffer[] = [];
  /** Nothing follows what waits. */
  isLastWritten = false;
  /** END_STREAM is out. */
  isSent = false;
  isOver = false;
  hasHead = false;
  /** What the answer has announced. −1: nothing. */
  announcedBytes = -1;
  receivedBytes = 0;

  constructor(id: number, user: StreamUser, sender: StreamSender, sendWindow: number, receiveWindow: number) {
    this.id = id;
    this.user = user;
    this.#sender = sender;
    this.sendWindow = sendWindow;
    this.receiveWindow = receiveWindow;
  }

  write(bytes: Buffer, isLast: boolean): void {
    if (this.isOver || this.isLastWritten) return;
    if (bytes.length > 0) this.unsent.push(bytes);
    this.isLastWritten = isLast;
    this.#sender.send(this);
  }

  settle(answer: Answer): void {
    if (this.isOver) return;
    this.#sender.cancel(this);
    this.user.settled(answer);
  }

  fail(failure: Failure): void {
    if (this.isOver) return;
    this.#sender.cancel(this);
    this.user.broken(failure);
  }
}
