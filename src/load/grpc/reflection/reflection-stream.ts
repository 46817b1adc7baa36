import { gunzipSync } from "node:zlib";
import { encodeHead, type HeadField } from "../../../http2/hpack/header-encoder.js";
import type { LoadTarget } from "../../../plan/load-plan.js";
import { Patience } from "../../../support/clock.js";
import { grpcStatusCode } from "../../../support/names/grpc-status.js";
import { headerValue } from "../../answers/answer-body.js";
import type { Failure } from "../../channel.js";
import { RoundTrip } from "../../sockets/round-trip.js";
import { type ConnectionOwner, Http2Connection } from "../../streams/connection/http2-connection.js";
import type { StreamUser } from "../../streams/connection/stream.js";
import type { OpenStream } from "../../streams/stream-request.js";
import { nowUs } from "../../thread-clock.js";
import { percentDecoded } from "../grpc-answer.js";
import { MessageFrames, MOST_MESSAGE_BYTES, messageFrame } from "../message-frames.js";
import { decodeReply, encodeQuestion, type ReflectionQuestion, type ReflectionReply } from "./messages.js";

/** Why the target does not say what it is asked for. */
export type ReflectionEnd =
  /** It has no such service. */
  | { readonly kind: "unimplemented" }
  /** Another status of gRPC, and what the target says of it. */
  | { readonly kind: "status"; readonly code: number; readonly text: string | null }
  /** No connection, or none any more. */
  | { readonly kind: "lost"; readonly reason: string }
  | { readonly kind: "silent" }
  /** It says what a service of reflection never says. Continues a sentence after "it". */
  | { readonly kind: "nonsense"; readonly what: string };

export class ReflectionEnded extends Error {
  readonly end: ReflectionEnd;

  constructor(end: ReflectionEnd) {
    super(end.kind);
    this.end = end;
  }
}

export interface ReflectionPlace {
  readonly target: LoadTarget;
  /** "v1" or "v1alpha" */
  readonly version: string;
  /** Names in lower case. */
  readonly metadata: readonly HeadField[];
  /** For all questions together. */
  readonly withinMs: number;
  /** Takes secrets out of what the target says. */
  readonly mask: (text: string) => string;
  readonly signal: AbortSignal | null;
}

interface Asked {
  readonly resolve: (reply: ReflectionReply) => void;
  readonly reject: (error: ReflectionEnded) => void;
}

const HTTP_OK = 200;
const HTTP_NOT_FOUND = 404;
const UNIMPLEMENTED = grpcStatusCode("UNIMPLEMENTED");
const NOTHING = Buffer.alloc(0);

/** One call of ServerReflectionInfo, on a connection of its own. Questions are asked one after the other. */
export class ReflectionStream implements ConnectionOwner, StreamUser {
  readonly isHead = false;
  readonly #place: ReflectionPlace;
  readonly #connection: Http2Connection;
  readonly #frames = new MessageFrames(true);
  readonly #patience: Patience;
  readonly #onAbort = () => this.#finish({ kind: "lost", reason: "the run was stopped" });
  #stream: OpenStream | null = null;
  /** The question that waits for its answer, or for the connection. */
  #asked: (Asked & { readonly question: Buffer }) | null = null;
  #end: ReflectionEnd | null = null;
  #httpStatus = HTTP_OK;
  #headers: readonly string[] = [];
  #hasData = false;

  constructor(place: ReflectionPlace) {
    this.#place = place;
    this.#patience = new Patience(place.withinMs, () => this.#finish({ kind: "silent" }));
    place.signal?.addEventListener("abort", this.#onAbort, { once: true });
    this.#connection = new Http2Connection(this, { target: place.target, roundTrip: new RoundTrip() });
    if (place.signal?.aborted) this.#onAbort();
  }

  get mask(): (text: string) => string {
    return this.#place.mask;
  }

  /** @throws ReflectionEnded. */
  ask(question: ReflectionQuestion): Promise<ReflectionReply> {
    return new Promise((resolve, reject) => {
      if (this.#end !== null) {
        reject(new ReflectionEnded(this.#end));
        return;
      }
      const bytes = messageFrame(encodeQuestion(question));
      this.#asked = { question: bytes, resolve, reject };
      this.#stream?.write(bytes, false);
    });
  }

  /** Nothing more is asked. */
  close(): void {
    this.#stream?.write(NOTHING, true);
    this.#finish({ kind: "lost", reason: "closed" });
  }

  // ConnectionOwner

  readonly opened = (): void => {};
  readonly sent = (): void => {};
  readonly received = (): void => {};
  readonly connectionChanged = (): void => {};
  readonly connectionRetired = (): void => {};

  get turnStartUs(): number {
    return nowUs();
  }

  connectionEstablished(connection: Http2Connection): void {
    const { target, version, metadata, withinMs } = this.#place;
    const { protocol, host, pathname } = new URL(target.url);
    const head = encodeHead([
      [":method", "POST"],
      [":scheme", protocol.replace(":", "")],
      [
        ":path",
        `${pathname.replace(/\/$/, "")}/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`,
      ],
      [":authority", host],
      ["te", "trailers"],
      ["content-type", "application/grpc"],
      ["grpc-accept-encoding", "identity,gzip"],
      ["grpc-timeout", `${withinMs}m`],
      ...metadata,
    ]);
    connection.start(this, {
      head,
      body: null,
      goOn: (stream) => {
        this.#stream = stream;
        if (this.#asked !== null) stream.write(this.#asked.question, false);
      },
    });
  }

  connectionEnded(_: Http2Connection, failure: Failure | null): void {
    this.#finish({ kind: "lost", reason: failure?.reason ?? "closed without answer" });
  }

  // StreamUser

  head(status: number, headers: readonly string[]): null {
    this.#httpStatus = status;
    this.#headers = headers;
    return null;
  }

  data(piece: Buffer): string | null {
    this.#hasData = true;
    if (!this.#isGrpc) return null;
    const problem = this.#frames.read(piece);
    if (problem !== null) {
      this.#finish({ kind: "nonsense", what: `gives an answer that cannot be read: ${problem}` });
      return problem;
    }
    for (const message of this.#frames.messages.splice(0)) {
      const asked = this.#asked;
      this.#asked = null;
      if (asked === null) {
        this.#finish({ kind: "nonsense", what: "answers more than it was asked" });
        return "more answers than questions";
      }
      const reply = this.#replyIn(message);
      if (reply === null) {
        this.#asked = asked;
        this.#finish({ kind: "nonsense", what: "gives an answer that cannot be read" });
        return "no answer of reflection";
      }
      asked.resolve(reply);
    }
    return null;
  }

  whole(trailers: readonly string[]): void {
    const isBare = trailers.length === 0 && !this.#hasData;
    const said = isBare ? this.#headers : trailers;
    this.#finish(this.#endOf(headerValue(said, "grpc-status"), headerValue(said, "grpc-message")));
  }

  settled(): void {}

  broken({ reason }: Failure): void {
    this.#finish({ kind: "lost", reason });
  }

  wasReset(errorName: string): void {
    this.#finish({ kind: "lost", reason: `RST_STREAM ${errorName}` });
  }

  unprocessed(why: string): void {
    this.#finish({ kind: "lost", reason: why });
  }

  get #isGrpc(): boolean {
    const type = headerValue(this.#headers, "content-type") ?? "";
    return this.#httpStatus === HTTP_OK && /^application\/grpc(?:[+;]|$)/i.test(type);
  }

  #replyIn({
    isCompressed,
    bytes,
  }: {
    readonly isCompressed: boolean;
    readonly bytes: Buffer;
  }): ReflectionReply | null {
    if (!isCompressed) return decodeReply(bytes);
    try {
      return decodeReply(gunzipSync(bytes, { maxOutputLength: MOST_MESSAGE_BYTES }));
    } catch {
      return null;
    }
  }

  #endOf(code: string | null, text: string | null): ReflectionEnd {
    if (this.#httpStatus === HTTP_NOT_FOUND) return { kind: "unimplemented" };
    if (this.#httpStatus !== HTTP_OK) return { kind: "lost", reason: `HTTP status ${this.#httpStatus}` };
    if (!this.#isGrpc) return { kind: "nonsense", what: "answers with something else than gRPC" };
    if (code === null || !/^\d{1,3}$/.test(code)) {
      return { kind: "nonsense", what: "ends its answer without a grpc-status" };
    }
    if (Number(code) === UNIMPLEMENTED) return { kind: "unimplemented" };
    if (Number(code) === 0) return { kind: "nonsense", what: "says OK in place of an answer" };
    return { kind: "status", code: Number(code), text: text === null ? null : percentDecoded(text) };
  }

  #finish(end: ReflectionEnd): void {
    if (this.#end !== null) return;
    this.#end = end;
    this.#patience.end();
    this.#place.signal?.removeEventListener("abort", this.#onAbort);
    this.#frames.release();
    const asked = this.#asked;
    this.#asked = null;
    asked?.reject(new ReflectionEnded(end));
    this.#connection.close();
  }
}
