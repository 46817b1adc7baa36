import type { Answer } from "../../compiled-request.js";
import { SAMPLE_BYTES } from "../../counting/body-sample.js";
import { holdPiece, releaseBody } from "../../http/held-bodies.js";
import { type JudgedRequest, wantsSample } from "../../http/judged-request.js";
import type { Ticket } from "../../mix/ticket.js";
import type { AnswerReading } from "../stream-request.js";
import { KeptPieces } from "./kept-pieces.js";

const NO_HEADERS: readonly string[] = [];
const NO_BODY: readonly Buffer[] = [];

/** The answer to a request of HTTP, as it comes on a stream. */
export class Http2Answer implements AnswerReading, Answer {
  readonly #ticket: Ticket<JudgedRequest>;
  status = 0;
  headers = NO_HEADERS;
  body = NO_BODY;
  #kept: KeptPieces | null = null;
  #keptBytes = 0;
  /** Bytes of the body that are still wanted as an example. */
  #sampleRoom = 0;

  constructor(ticket: Ticket<JudgedRequest>) {
    this.#ticket = ticket;
  }

  head(status: number, headers: readonly string[]): null {
    this.status = status;
    this.headers = headers;
    if (!this.#ticket.request.wantsBody && wantsSample(this.#ticket, status)) this.#sampleRoom = SAMPLE_BYTES;
    return null;
  }

  data(piece: Buffer): string | null {
    if (this.#ticket.request.wantsBody) return this.#keep(piece);
    const wanted = Math.min(piece.length, this.#sampleRoom);
    if (wanted > 0) {
      this.#sampleRoom -= wanted;
      this.#add(piece.subarray(0, wanted));
    }
    return null;
  }

  whole(trailers: readonly string[]): this {
    if (trailers.length > 0) this.headers = [...this.headers, ...trailers];
    if (this.#kept !== null) this.body = this.#kept.all;
    this.drop();
    return this;
  }

  drop(): void {
    releaseBody(this.#keptBytes);
    this.#keptBytes = 0;
  }

  #keep(piece: Buffer): string | null {
    this.#keptBytes += piece.length;
    const problem = holdPiece(piece.length, this.#keptBytes);
    if (problem === null) this.#add(piece);
    return problem;
  }

  /** The chunk's memory is read into again. */
  #add(piece: Buffer): void {
    this.#kept ??= new KeptPieces();
    this.#kept.add(piece);
  }
}
