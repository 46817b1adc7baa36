import { GRPC_STATUSES, grpcStatusCode } from "../../../support/names/grpc-status.js";
import { fieldOf, type HeaderList } from "../../between/h2-relay/frames/relayed-blocks.js";
import {
  type AnswerCut,
  type EditedAnswer,
  type HeldFrame,
  type OwnReply,
  RelayedStream,
  type StreamBegin,
} from "../../between/h2-relay/relayed-stream.js";
import { routeIn } from "../../between/traffic/shown-route.js";
import { EXCHANGE_FLAGS } from "../../http-traffic.js";
import { endsWithinMessage, MessageCount } from "./message-count.js";
import type { CallDeed } from "./rules/call-deed.js";
import { methodOf } from "./rules/call-rules.js";
import { ownStatus } from "./rules/own-status.js";

const NO_BODY = Buffer.alloc(0);
const NUMBER = /^\d{1,3}$/;
const UNKNOWN = grpcStatusCode("UNKNOWN");

/** A request of HTTP/2 and what became of it. It is a call of gRPC, or not. */
export class RelayedCall extends RelayedStream {
  readonly deed: CallDeed | null;
  readonly isGrpc: boolean;
  /** A call may wait for an answer before it ends. */
  readonly isReadWhole = false;
  #httpStatus: number | null = null;
  #grpcStatus: number | null = null;
  #hasPushback = false;

  constructor(begin: StreamBegin, deed: CallDeed | null) {
    super(begin);
    this.deed = deed;
    this.isGrpc = isGrpc(begin.head);
  }

  dropGone(): void {
    this.deed?.dropGone();
    if (!this.deed?.cut) this.edit = null;
  }

  ownReply(): OwnReply {
    const rule = this.deed?.own;
    if (!rule) throw new Error("no rule gives this call a status");
    this.deed?.acted(rule);
    return { kind: "answer", list: ownStatus(rule.spec), body: NO_BODY };
  }

  editedAnswer(list: HeaderList): EditedAnswer {
    const { deed } = this;
    if (!deed?.cut) return { list, edit: null };
    const { rule, after } = deed.cut;
    const messages = new MessageCount(after);
    const edit: AnswerCut = {
      kind: "cut",
      take: (bytes) => messages.take(bytes),
      get cutsEnd() {
        return messages.areAllThrough;
      },
      acted: () => deed.acted(rule),
    };
    return { list, edit };
  }

  endsWithin(frames: readonly HeldFrame[]): boolean {
    return endsWithinMessage(frames);
  }

  /** A block of the answer: its headers, its trailers, or what is both. */
  answeredWith(list: HeaderList): void {
    const status = fieldOf(list, ":status");
    if (status !== null && NUMBER.test(status)) this.#httpStatus = Number(status);
    const grpcStatus = fieldOf(list, "grpc-status");
    if (grpcStatus === null) return;
    // Clients take what they do not know for UNKNOWN.
    this.#grpcStatus =
      NUMBER.test(grpcStatus) && Number(grpcStatus) < GRPC_STATUSES.length ? Number(grpcStatus) : UNKNOWN;
    this.#hasPushback = fieldOf(list, "grpc-retry-pushback-ms") !== null;
  }

  get routeKey(): object {
    return this.head;
  }

  /** "shop.Quotes/Get", and "GET /prices" for what is no gRPC. */
  get route(): string {
    const path = methodOf(this.head);
    const route = this.isGrpc
      ? path
      : `${fieldOf(this.head, ":method") ?? ""} /${path.replace(/[?#].*/s, "")}`;
    return routeIn(route);
  }

  get outcome(): string {
    if (!this.isGrpc) return this.#httpStatus === null ? "none" : String(this.#httpStatus);
    if (this.#grpcStatus !== null) return GRPC_STATUSES[this.#grpcStatus] ?? "UNKNOWN";
    return this.#httpStatus === null || this.end !== "answered" ? "none" : `HTTP ${this.#httpStatus}`;
  }

  get statusCode(): number {
    return (this.isGrpc ? this.#grpcStatus : null) ?? this.#httpStatus ?? 0;
  }

  get digest(): number {
    return this.body.with(fieldOf(this.head, ":path") ?? "");
  }

  get flags(): number {
    return (
      (this.#hasPushback ? EXCHANGE_FLAGS.retryAfter : 0) +
      (this.isActedOn ? EXCHANGE_FLAGS.actedOn : 0) +
      (this.isGrpc ? EXCHANGE_FLAGS.grpc : 0)
    );
  }
}

/** application/grpc-web is another protocol: its status stands in the body. */
const GRPC_CONTENT = /^application\/grpc(?:[+;]|$)/i;

/** Only such requests can be given a status of gRPC. */
export function isGrpc(head: HeaderList): boolean {
  return GRPC_CONTENT.test(fieldOf(head, "content-type") ?? "");
}
