import type { Head } from "../../http2/hpack/header-encoder.js";
import type { Failure } from "../channel.js";
import type { Answer, CompiledRequest } from "../compiled-request.js";
import type { Ticket } from "../mix/ticket.js";

/** A compiled request that goes out on a stream of HTTP/2. */
export interface StreamRequest extends CompiledRequest {
  /**
   * Draws the values of one request. Called in the order in which requests are due.
   * @param channel the number of the channel that it goes out on.
   */
  begin(ticket: Ticket<StreamRequest>, channel: number): Outgoing;
}

/** What goes out for one request. It may go out several times, as long as the other side has not processed it. */
export interface Outgoing {
  readonly head: Head;
  /** null: none. The stream ends with the head then. */
  readonly body: Buffer | null;
  /** More will be written. Called when head and body have been handed over, each time anew. */
  readonly goOn?: (stream: OpenStream) => void;
  /** Told of the stream that it is on. Nothing more will be written. Called each time that it goes out. */
  readonly opened?: (stream: OpenStream) => void;
  /** Of HEAD: the announced length is that of a body that does not come. */
  readonly isHead: boolean;
  /** Reads one answer. Called each time that it goes out. */
  reader(): AnswerReading;
}

/** What a request can do with its stream while the answer is not whole. */
export interface OpenStream {
  /** What the other side's windows do not let through yet goes out later. */
  write(bytes: Buffer, isLast: boolean): void;
  /** The request has its answer, though the stream goes on: it is reset. */
  settle(answer: Answer): void;
  /** The request has failed, and the stream is reset. */
  fail(failure: Failure): void;
}

/** Told of what comes on a stream. A text that is returned says why it is malformed: the request ends with that. */
export interface AnswerReading {
  /** The head of the answer. `headers`: names and values in turn. */
  head(status: number, headers: readonly string[]): string | null;
  /** A part of the body. It is valid during the call only. */
  data(piece: Buffer): string | null;
  /** The answer is whole. `trailers`: names and values in turn. */
  whole(trailers: readonly string[]): Answer;
  /** The other side has reset the stream. @returns the answer that this is. null: a reset. */
  reset?(errorName: string): Answer | null;
  /** There will be no whole answer. */
  drop?(): void;
}
