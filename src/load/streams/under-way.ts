import type { Failure } from "../channel.js";
import type { Answer } from "../compiled-request.js";
import type { Ticket } from "../mix/ticket.js";
import type { Http2Connection } from "./connection/http2-connection.js";
import type { Http2Stream, StreamUser } from "./connection/stream.js";
import type { AnswerReading, Outgoing, StreamRequest } from "./stream-request.js";

export type StreamTicket = Ticket<StreamRequest>;

/** Told how a request ends, or that it has to go out again. */
export interface EndListener {
  answered(request: UnderWay, answer: Answer): void;
  broken(request: UnderWay, failure: Failure): void;
  unprocessed(request: UnderWay, why: string): void;
}

/** A request on a channel: it waits for a stream, or is on one. */
export class UnderWay implements StreamUser {
  readonly ticket: StreamTicket;
  readonly outgoing: Outgoing;
  readonly #ends: EndListener;
  /** The connection that it has waited for first. */
  readonly waitedFor: Http2Connection | null;
  /** Where it is. null: it waits. */
  stream: Http2Stream | null = null;
  connection: Http2Connection | null = null;
  /** How often something had come on the connection when it went out. */
  readsBefore = 0;
  /** How often the other side has not processed it. */
  returns = 0;
  /** It goes out again when this is over. */
  pause: NodeJS.Timeout | null = null;
  #reading: AnswerReading | null = null;

  constructor(
    ticket: StreamTicket,
    outgoing: Outgoing,
    waitedFor: Http2Connection | null,
    ends: EndListener,
  ) {
    this.ticket = ticket;
    this.outgoing = outgoing;
    this.waitedFor = waitedFor;
    this.#ends = ends;
  }

  get isHead(): boolean {
    return this.outgoing.isHead;
  }

  startOn(connection: Http2Connection): void {
    this.#reading = this.outgoing.reader();
    this.readsBefore = connection.reads;
    this.connection = connection;
    const stream = connection.start(this, this.outgoing);
    // It may have ended at once.
    if (!stream.isOver) this.stream = stream;
  }

  /** Takes it off its stream. Nobody is told. */
  cancel(): void {
    if (this.pause !== null) clearTimeout(this.pause);
    this.pause = null;
    if (this.stream !== null) this.connection?.cancel(this.stream);
    this.#drop();
  }

  head(status: number, headers: readonly string[]): string | null {
    return this.#reading?.head(status, headers) ?? null;
  }

  data(piece: Buffer): string | null {
    return this.#reading?.data(piece) ?? null;
  }

  whole(trailers: readonly string[]): void {
    const reading = this.#reading;
    if (reading === null) return;
    this.#reading = null;
    this.stream = null;
    this.#ends.answered(this, reading.whole(trailers));
  }

  settled(answer: Answer): void {
    this.#drop();
    this.#ends.answered(this, answer);
  }

  broken(failure: Failure): void {
    this.#drop();
    this.#ends.broken(this, failure);
  }

  wasReset(errorName: string): void {
    const answer = this.#reading?.reset?.(errorName) ?? null;
    if (answer === null) this.broken({ kind: "reset", reason: `RST_STREAM ${errorName}` });
    else this.settled(answer);
  }

  unprocessed(why: string): void {
    this.#drop();
    this.#ends.unprocessed(this, why);
  }

  #drop(): void {
    this.stream = null;
    this.#reading?.drop?.();
    this.#reading = null;
  }
}
