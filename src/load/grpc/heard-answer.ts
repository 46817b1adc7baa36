import type { StreamPlan } from "../../requests/stream-plan.js";
import { HeardStream } from "../events/heard-stream.js";
import type { Ticket } from "../mix/ticket.js";
import type { OpenStream, StreamRequest } from "../streams/stream-request.js";
import { nowUs } from "../thread-clock.js";
import { type ExpectedFrames, type GrpcAnswer, GrpcAnswerReader } from "./grpc-answer.js";

/** Reads an answer that is a stream of messages, each of which is timed. */
export class HeardGrpcAnswer extends GrpcAnswerReader {
  readonly #plan: StreamPlan;
  readonly #ticket: Ticket<StreamRequest>;
  #stream: OpenStream | null = null;
  #heard: HeardStream | null = null;

  constructor(expected: ExpectedFrames, plan: StreamPlan, ticket: Ticket<StreamRequest>) {
    super(expected);
    this.#plan = plan;
    this.#ticket = ticket;
  }

  /** The call is out. */
  opened(stream: OpenStream): void {
    this.#stream = stream;
  }

  override head(status: number, headers: readonly string[]): string | null {
    const problem = super.head(status, headers);
    const so = { what: "message", problem: null, isOver: !this.isGrpc } as const;
    this.#heard = new HeardStream(this.#plan, this.#ticket.dueUs, nowUs(), so);
    // The ticket keeps it, so that it is there when the stream is broken off, too.
    this.#ticket.heard = this.#heard;
    return problem;
  }

  override data(piece: Buffer): string | null {
    const before = this.count;
    const problem = super.data(piece);
    const heard = this.#heard;
    if (heard === null || heard.isOver) return problem;
    heard.came(this.count - before, nowUs());
    if (problem === null && heard.isOver) this.#stream?.settle(this.soFar(heard.eventsUs.length));
    return problem;
  }

  override whole(trailers: readonly string[]): GrpcAnswer {
    this.#heard?.end();
    return super.whole(trailers);
  }
}
