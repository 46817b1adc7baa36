import { GRPC_STATUSES, grpcStatusCode } from "../../../support/names/grpc-status.js";
import { BodyDigest, type LoggedExchange } from "../../between/traffic/logged-exchange.js";
import { routeIn } from "../../between/traffic/shown-route.js";
import { EXCHANGE_FLAGS, type ExchangeEnd } from "../../http-traffic.js";
import { fieldOf, type HeaderBlock, type HeaderList } from "./frames/relayed-blocks.js";
import type { MessageCount } from "./message-count.js";
import type { CallDeed } from "./rules/call-deed.js";
import { methodOf } from "./rules/call-rules.js";

const NUMBER = /^\d{1,3}$/;
const UNKNOWN = grpcStatusCode("UNKNOWN");

/** What waits: frames as they came, and blocks that are to be written when they go. */
export type HeldFrame = Buffer | HeaderBlock;

/** A request of HTTP/2 and what became of it. It is a call of gRPC, or not. */
export class RelayedCall implements LoggedExchange {
  /** The number of its stream on the side of the client. */
  readonly clientId: number;
  /** On the side of the upstream. 0: the upstream has not seen it. */
  upstreamId = 0;
  readonly head: HeaderList;
  readonly isGrpc: boolean;
  readonly connection: number;
  readonly startMs: number;
  /** null: it passes untouched. */
  readonly deed: CallDeed | null;
  requestEnded = false;
  answerEnded = false;
  /** What the client sent while it is held. null: it is not held. */
  heldRequest: HeldFrame[] | null = null;
  /** Of that, a frame of DATA has come in part. */
  isFrameBegun = false;
  /** What the upstream answered while that is held. null: it is not held. */
  heldAnswer: HeldFrame[] | null = null;
  /** When that began. */
  answerHeldAtMs = 0;
  /** The answer has been held long enough. */
  isReleased = false;
  /** For an answer that is to be cut. */
  messages: MessageCount | null = null;
  timer: NodeJS.Timeout | null = null;
  /** Logs have it. */
  isTold = false;
  end: ExchangeEnd | null = null;
  endMs = 0;
  #httpStatus: number | null = null;
  #grpcStatus: number | null = null;
  #hasPushback = false;
  readonly #body = new BodyDigest();

  constructor(
    clientId: number,
    head: HeaderList,
    connection: number,
    startMs: number,
    deed: CallDeed | null,
  ) {
    this.clientId = clientId;
    this.head = head;
    this.isGrpc = isGrpc(head);
    this.connection = connection;
    this.startMs = startMs;
    this.deed = deed;
  }

  /** What comes first is what counts. */
  ends(end: ExchangeEnd, atMs: number): void {
    if (this.end !== null) return;
    this.end = end;
    this.endMs = atMs;
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

  addBody(payload: Buffer): void {
    this.#body.add(payload);
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
    return this.#body.with(fieldOf(this.head, ":path") ?? "");
  }

  get flags(): number {
    return (
      (this.#hasPushback ? EXCHANGE_FLAGS.retryAfter : 0) +
      (this.isActedOn ? EXCHANGE_FLAGS.actedOn : 0) +
      (this.isGrpc ? EXCHANGE_FLAGS.grpc : 0)
    );
  }

  get isActedOn(): boolean {
    return this.deed?.hasActed === true;
  }
}

/** application/grpc-web is another protocol: its status stands in the body. */
const GRPC_CONTENT = /^application\/grpc(?:[+;]|$)/i;

/** Only such requests can be given a status of gRPC. */
export function isGrpc(head: HeaderList): boolean {
  return GRPC_CONTENT.test(fieldOf(head, "content-type") ?? "");
}
