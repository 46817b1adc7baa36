import { fieldOf, type HeaderList } from "../../../between/h2-relay/frames/relayed-blocks.js";
import {
  type EditedAnswer,
  type OwnReply,
  RelayedStream,
  type StreamBegin,
} from "../../../between/h2-relay/relayed-stream.js";
import { EXCHANGE_FLAGS } from "../../../http-traffic.js";
import type { Deed } from "../rules/deed.js";
import { routeOf } from "../traffic/route.js";
import { cutAnswer, swappedBody } from "./edited-answers.js";
import { ownList } from "./own-list.js";
import type { StreamHead } from "./stream-head.js";

const STATUS = /^\d{3}$/;

/** A request of HTTP/2 and what became of it. */
export class RelayedRequest extends RelayedStream {
  readonly deed: Deed | null;
  readonly isReadWhole = true;
  readonly #request: StreamHead;
  #status: number | null = null;
  #hasRetryAfter = false;

  constructor(begin: StreamBegin, request: StreamHead, deed: Deed | null) {
    super(begin);
    this.#request = request;
    this.deed = deed;
  }

  /** What has begun goes on: a request that is being swallowed cannot reach the upstream any more. */
  dropGone(): void {
    this.deed?.dropGone();
    if (this.heldRequest) this.deed?.dropGoneAnswer();
  }

  ownReply(): OwnReply {
    const own = this.deed?.own;
    if (!own) throw new Error("no rule answers this request");
    this.deed?.acted(own.rule);
    if (own.kind === "close") return { kind: "reset", error: "CANCEL" };
    if (own.kind === "reset") return { kind: "reset", error: "INTERNAL_ERROR" };
    return { kind: "answer", ...ownList(own.rule.spec, this.#request.method) };
  }

  editedAnswer(list: HeaderList, endsStream: boolean): EditedAnswer {
    const { deed } = this;
    if (!deed || endsStream || !this.#hasBody(list)) return { list, edit: null };
    if (deed.body) {
      deed.acted(deed.body.rule);
      return swappedBody(list, deed.body.text);
    }
    if (!deed.cut) return { list, edit: null };
    const { rule, share } = deed.cut;
    deed.acted(rule);
    return { list, edit: cutAnswer(list, share) };
  }

  answeredWith(list: HeaderList): void {
    const text = fieldOf(list, ":status");
    // Trailers have none.
    if (text === null || !STATUS.test(text)) return;
    const status = Number(text);
    if (status < 200) return;
    this.#status = status;
    if (status >= 400 || (status >= 300 && status !== 304)) {
      this.#hasRetryAfter = fieldOf(list, "retry-after") !== null;
    }
    if (this.#request.method === "CONNECT" && status < 300) this.isUpgraded = true;
  }

  /** What is sent in one frame may be looked at in any. */
  endsWithin(): boolean {
    return false;
  }

  get routeKey(): object {
    return this.#request;
  }

  get route(): string {
    return routeOf(this.#request);
  }

  get outcome(): string {
    return this.#status === null ? "none" : String(this.#status);
  }

  get statusCode(): number {
    return this.#status ?? 0;
  }

  get digest(): number {
    return this.body.with(`${this.#request.method} ${this.#request.target}`);
  }

  get flags(): number {
    return (
      (this.#request.hasIdempotencyKey ? EXCHANGE_FLAGS.idempotencyKey : 0) +
      (this.#hasRetryAfter ? EXCHANGE_FLAGS.retryAfter : 0) +
      (this.isActedOn ? EXCHANGE_FLAGS.actedOn : 0)
    );
  }

  /** RFC 9110, section 6.4.1. CONNECT leads to another protocol. */
  #hasBody(list: HeaderList): boolean {
    const status = fieldOf(list, ":status");
    const { method } = this.#request;
    const isEmpty = status === "204" || status === "304" || fieldOf(list, "content-length") === "0";
    return !isEmpty && method !== "HEAD" && method !== "CONNECT";
  }
}
