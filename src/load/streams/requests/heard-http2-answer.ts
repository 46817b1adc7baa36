import type { HeardEvents } from "../../events/heard-events.js";
import { hear, type JudgedRequest } from "../../http/judged-request.js";
import type { Ticket } from "../../mix/ticket.js";
import { nowUs } from "../../thread-clock.js";
import type { OpenStream } from "../stream-request.js";
import { Http2Answer } from "./http2-answer.js";

/** An answer that is a stream of events. When enough of them have come, its stream is reset. */
export class HeardHttp2Answer extends Http2Answer {
  readonly #of: Ticket<JudgedRequest>;
  #stream: OpenStream | null = null;
  #heard: HeardEvents | null = null;

  constructor(ticket: Ticket<JudgedRequest>) {
    super(ticket);
    this.#of = ticket;
  }

  /** The request is out. */
  opened(stream: OpenStream): void {
    this.#stream = stream;
  }

  override head(status: number, headers: readonly string[]): null {
    super.head(status, headers);
    this.#heard = hear(this.#of, status, headers);
    if (this.#heard.isOver) this.#settle();
    return null;
  }

  override data(piece: Buffer): string | null {
    const problem = super.data(piece);
    this.#heard?.read(piece, nowUs());
    if (problem === null && this.#heard?.isOver) this.#settle();
    return problem;
  }

  override whole(trailers: readonly string[]): this {
    this.#heard?.end();
    return super.whole(trailers);
  }

  #settle(): void {
    this.#stream?.settle(super.whole([]));
  }
}
