import { GRPC_STATUSES, grpcStatusCode } from "../../support/names/grpc-status.js";
import { headerValue } from "../answers/answer-body.js";
import type { Answer } from "../compiled-request.js";
import { SAMPLE_BYTES } from "../counting/body-sample.js";
import type { AnswerReading } from "../streams/stream-request.js";
import { MessageFrames, type ReceivedMessage } from "./message-frames.js";

/** An answer to a call, whatever it says. */
export interface GrpcAnswer extends Answer {
  /** That of gRPC. Where `problem` is: that of HTTP, or UNKNOWN. */
  readonly status: number;
  /** First and last metadata. */
  readonly headers: readonly string[];
  /** What the server says of a status that is not OK, or the page that came instead of an answer. */
  readonly body: readonly Buffer[];
  /** Those that somebody looks into. */
  readonly messages: readonly ReceivedMessage[];
  /** How messages are compressed that are. */
  readonly encoding: string;
  /** Why it is no answer of gRPC. null: it is one. */
  readonly problem: string | null;
}

/** The engine gives back what the reader has made. @throws Error when it is another one. */
export function asGrpcAnswer(answer: Answer): GrpcAnswer {
  if (isGrpcAnswer(answer)) return answer;
  throw new Error("the answer was not read as one of gRPC");
}

function isGrpcAnswer(answer: Answer): answer is GrpcAnswer {
  return "messages" in answer && "problem" in answer;
}

export interface ExpectedFrames {
  /** Messages are looked into. */
  readonly keeps: boolean;
  /** There may be any number of them. */
  readonly isStream: boolean;
}

const OK = grpcStatusCode("OK");
const UNKNOWN = grpcStatusCode("UNKNOWN");
const HTTP_OK = 200;
const ENCODINGS = ["identity", "gzip"];

/** Reads one answer to a call. */
export class GrpcAnswerReader implements AnswerReading {
  readonly #expected: ExpectedFrames;
  readonly #frames: MessageFrames;
  #httpStatus = HTTP_OK;
  #isGrpc = true;
  #headers: readonly string[] = [];
  #encoding = "identity";
  #hasData = false;
  #page: Buffer[] = [];
  #pageBytes = 0;

  constructor(expected: ExpectedFrames) {
    this.#expected = expected;
    this.#frames = new MessageFrames(expected.keeps);
  }

  /** Messages that have come. */
  get count(): number {
    return this.#frames.count;
  }

  get isGrpc(): boolean {
    return this.#isGrpc;
  }

  /** The answer, when these first messages of it are enough. */
  soFar(messages: number): GrpcAnswer {
    return {
      status: OK,
      headers: this.#headers,
      body: [],
      messages: this.#frames.messages.slice(0, messages),
      encoding: this.#encoding,
      problem: null,
    };
  }

  head(status: number, headers: readonly string[]): string | null {
    this.#httpStatus = status;
    this.#headers = headers;
    this.#isGrpc =
      status === HTTP_OK && /^application\/grpc(?:[+;]|$)/i.test(headerValue(headers, "content-type") ?? "");
    this.#encoding = headerValue(headers, "grpc-encoding") ?? "identity";
    return null;
  }

  data(piece: Buffer): string | null {
    this.#hasData = true;
    if (!this.#isGrpc) {
      if (this.#pageBytes < SAMPLE_BYTES) this.#page.push(Buffer.from(piece.subarray(0, SAMPLE_BYTES)));
      this.#pageBytes += piece.length;
      return null;
    }
    const problem = this.#frames.read(piece);
    if (problem !== null) return problem;
    if (this.#frames.hasCompressed && this.#encoding === "identity")
      return "compressed message without an encoding";
    if (this.#frames.hasCompressed && !ENCODINGS.includes(this.#encoding)) {
      return "message in an encoding that was not asked for";
    }
    return this.#frames.count > 1 && !this.#expected.isStream ? "more than one message" : null;
  }

  whole(trailers: readonly string[]): GrpcAnswer {
    this.drop();
    const headers = [...this.#headers, ...trailers];
    const isBare = trailers.length === 0 && !this.#hasData;
    const code = headerValue(isBare ? this.#headers : trailers, "grpc-status");
    const status = code !== null && /^\d{1,3}$/.test(code) ? Number(code) : null;
    const problem = this.#problem(code, status);
    const said = headerValue(isBare ? this.#headers : trailers, "grpc-message");
    return {
      status:
        problem === null ? (status ?? UNKNOWN) : this.#httpStatus === HTTP_OK ? UNKNOWN : this.#httpStatus,
      headers,
      body: this.#isGrpc ? (said === null ? [] : [Buffer.from(percentDecoded(said))]) : this.#page,
      messages: this.#frames.messages,
      encoding: this.#encoding,
      problem,
    };
  }

  drop(): void {
    this.#frames.release();
  }

  #problem(code: string | null, status: number | null): string | null {
    if (this.#httpStatus !== HTTP_OK) return `HTTP status ${this.#httpStatus}`;
    if (!this.#isGrpc) return "content-type is not that of gRPC";
    if (code === null) return "no grpc-status";
    if (status === null) return "grpc-status is no number";
    if (status >= GRPC_STATUSES.length) return `unknown grpc-status ${status}`;
    if (status !== OK) return null;
    if (this.#frames.isWithinMessage) return "OK within a message";
    return this.#frames.count === 0 && !this.#expected.isStream ? "OK without a message" : null;
  }
}

/** As grpc-message is written. What is no such text stays as it is. */
export function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
