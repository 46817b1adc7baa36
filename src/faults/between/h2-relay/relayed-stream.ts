import type { Http2ErrorName } from "../../../http2/frames/frame-types.js";
import type { ExchangeEnd } from "../../http-traffic.js";
import { BodyDigest, type LoggedExchange } from "../traffic/logged-exchange.js";
import type { HeaderBlock, HeaderList } from "./frames/relayed-blocks.js";

/** A frame that waits as it came, or a block of headers that is written when it goes. */
export type HeldFrame = Buffer | HeaderBlock;

/** What rules want done to a stream. */
export interface StreamDeed {
  /** Something is given in place of the upstream's answer. null: that is not so. */
  readonly own: object | null;
  /** How long the request waits before it goes on. */
  readonly delayMs: number;
  /** How long the answer waits before it goes back. */
  readonly answerDelayMs: number;
  answerDelayed(): void;
  readonly hasActed: boolean;
}

export interface OwnBody {
  readonly bytes: Buffer;
  /** false: the stream is broken off behind them. */
  readonly isWhole: boolean;
}

/** What is given in place of the upstream's answer. */
export type OwnReply =
  | { readonly kind: "answer"; readonly list: HeaderList; readonly body: Buffer }
  | { readonly kind: "reset"; readonly error: Http2ErrorName };

/** Lets an answer through, and breaks it off. */
export interface AnswerCut {
  readonly kind: "cut";
  /** @returns how many of the next bytes pass before the stream is broken off. null: all of them, and it goes on. */
  take(bytes: Buffer): number | null;
  /** An answer that ends now is broken off in place of its end. */
  readonly cutsEnd: boolean;
  acted(): void;
}

/** Keeps the body of an answer back, and gives another in its place. */
export interface AnswerSwap {
  readonly kind: "swap";
  /** @returns what goes in its place, once. null: that is not known yet, or has gone. */
  take(bytes: Buffer, isOver: boolean): OwnBody | null;
}

export type AnswerEdit = AnswerCut | AnswerSwap;

/** The headers of an answer, and what is done to its body. */
export interface EditedAnswer {
  readonly list: HeaderList;
  readonly edit: AnswerEdit | null;
}

/** What is known of a request that begins. */
export interface StreamBegin {
  readonly clientId: number;
  readonly head: HeaderList;
  readonly connection: number;
  readonly startMs: number;
}

/** How one kind of gateway sees what crosses. */
export interface StreamView {
  /** There may be something to do to streams. */
  readonly hasRules: boolean;
  /** @param mayAct false: it is to pass untouched. */
  begin(begin: StreamBegin, mayAct: boolean): RelayedStream;
}

/** A request of HTTP/2 and what became of it. */
export abstract class RelayedStream implements LoggedExchange {
  /** The number of its stream on the side of the client. */
  readonly clientId: number;
  /** The number of its stream on the side of the upstream. 0: the upstream has not seen it. */
  upstreamId = 0;
  readonly head: HeaderList;
  readonly connection: number;
  readonly startMs: number;
  requestEnded = false;
  answerEnded = false;
  /** The upstream has sent all of its answer; the client may not have had it. */
  upstreamEnded = false;
  /** What the client sent while it is held. null: it is not held. */
  heldRequest: HeldFrame[] | null = null;
  /** A frame of DATA of a held request has come in part. */
  isFrameBegun = false;
  /** What the client sends of it goes nowhere: it gets an answer of ours once the request is whole. */
  isSwallowed = false;
  /** What the upstream answered while that is held. null: it is not held. */
  heldAnswer: HeldFrame[] | null = null;
  /** When the answer began to be held. */
  answerHeldAtMs = 0;
  /** The answer has been held long enough. */
  isReleased = false;
  /** The headers of its answer have come, and not only those that announce it. */
  isAnswerBegun = false;
  /** What is done to the body of its answer. */
  edit: AnswerEdit | null = null;
  /** Its answer leads to another protocol. */
  isUpgraded = false;
  /** A body of ours is on its way to the client. */
  isGiven = false;
  /** By how much the client has widened its window for the stream. */
  widenedBytes = 0;
  timer: NodeJS.Timeout | null = null;
  /** Logs have it. */
  isTold = false;
  end: ExchangeEnd | null = null;
  endMs = 0;
  protected readonly body = new BodyDigest();

  constructor({ clientId, head, connection, startMs }: StreamBegin) {
    this.clientId = clientId;
    this.head = head;
    this.connection = connection;
    this.startMs = startMs;
  }

  /** null: it passes untouched. */
  abstract readonly deed: StreamDeed | null;
  /** Whether a request that gets an answer of ours is read to its end, however long it is. */
  abstract readonly isReadWhole: boolean;
  /** Some rules were taken away. */
  abstract dropGone(): void;
  /** What is given in place of the upstream's answer. From now on its rule has acted. */
  abstract ownReply(): OwnReply;
  /** A block of the answer: its headers, its trailers, or what is both. */
  abstract answeredWith(list: HeaderList): void;
  /** The upstream's headers as they are to go on, and what is done behind them. */
  abstract editedAnswer(list: HeaderList, endsStream: boolean): EditedAnswer;
  /** Whether these frames of a request break off within what belongs together. */
  abstract endsWithin(frames: readonly HeldFrame[]): boolean;

  abstract readonly routeKey: object;
  abstract readonly route: string;
  abstract readonly outcome: string;
  abstract readonly statusCode: number;
  abstract readonly digest: number;
  abstract readonly flags: number;

  /** The first end counts. */
  ends(end: ExchangeEnd, atMs: number): void {
    if (this.end !== null) return;
    this.end = end;
    this.endMs = atMs;
  }

  addBody(payload: Buffer): void {
    this.body.add(payload);
  }

  get isActedOn(): boolean {
    return this.deed?.hasActed === true;
  }
}
