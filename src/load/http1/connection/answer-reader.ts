import type { Answer } from "../../compiled-request.js";
import { SAMPLE_BYTES } from "../../counting/body-sample.js";
import type { HeardEvents } from "../../events/heard-events.js";
import { nowUs } from "../../thread-clock.js";
import { settleFraming } from "./answer-framing.js";
import {
  type AnswerParser,
  type AutocannonClient,
  type ParsedHead,
  type ParserCallbacks,
  refuseBadChunkSizes,
} from "./autocannon-client.js";
import type { HeadMemo } from "./head-memo.js";
import { reusableForMs } from "./keep-alive.js";
import { KeptBody } from "./kept-body.js";

/** An answer with what it says to the connection. */
export interface HttpAnswer extends Answer {
  /** false: the other side will close the connection after it. */
  readonly keepAlive: boolean;
  /** How long the connection may then be idle and still be used. */
  readonly reusableForMs: number;
}

/** What must be known of a request to read its answer. */
export interface AwaitedRequest {
  readonly isHead: boolean;
  readonly wantsBody: boolean;
  readonly head: HeadMemo;
  /** Its answer is a stream of events. */
  readonly streams: boolean;
}

/** Begins to listen to the nth answer. */
export type HearStream = (nth: number, status: number, headers: readonly string[]) => HeardEvents;

const NO_BODY: readonly Buffer[] = [];
const NO_HEADERS: readonly string[] = [];
/** As http-parser-js allows. It counts whole chunks, so where packets end decides whether a head is too long. */
const LONGEST_HEAD_BYTES = 80 * 1024;

/**
 * Reads answers from what a connection receives, with autocannon's parser. They come in the order in which requests
 * were sent.
 */
export class AnswerReader {
  readonly #parser: AnswerParser;
  readonly #parse: AnswerParser["execute"];
  readonly #awaited: (nth: number) => AwaitedRequest | undefined;
  readonly #wantsSample: (nth: number, status: number) => boolean;
  readonly #hear: HearStream;
  #answers: HttpAnswer[] = [];
  /** Bytes of the answer that is not whole yet. */
  #bytesRead = 0;
  #problem: string | null = null;
  #hasSurplus = false;
  // The answer that is being read.
  #request: AwaitedRequest | undefined;
  #status = 0;
  #headers = NO_HEADERS;
  #keepAlive = true;
  #reusableForMs = Number.POSITIVE_INFINITY;
  readonly #body = new KeptBody();
  #isInformational = false;
  #hasHead = false;
  /** null: the answer is no stream. */
  #heard: HeardEvents | null = null;
  // The chunk that is being read.
  #beginsWithAnswer = false;
  /** Bytes of the chunk that belong to whole answers. */
  #consumed = 0;

  /**
   * @param awaited the request whose answer is the nth to come, from 0.
   * @param wantsSample whether the beginning of a body is wanted as an example of answers of that status.
   * @param hear for answers that are streams of events.
   */
  constructor(
    parser: AnswerParser,
    awaited: (nth: number) => AwaitedRequest | undefined,
    wantsSample: (nth: number, status: number) => boolean,
    hear: HearStream,
  ) {
    this.#hear = hear;
    this.#parser = parser;
    this.#parse = parser.execute;
    this.#awaited = awaited;
    this.#wantsSample = wantsSample;
  }

  /** Bytes of an answer that is not whole. */
  get bytesRead(): number {
    return this.#bytesRead;
  }

  /** Why the bytes after the whole answers are no answer. null: they may become one. */
  get problem(): string | null {
    return this.#problem;
  }

  /** More has come than was asked for. Whatever comes next could be taken for another request's answer. */
  get hasSurplus(): boolean {
    return this.#hasSurplus;
  }

  /** Puts the callbacks on the parser. Call it when autocannon has set its own. */
  takeOver(client: AutocannonClient, onRead: (chunk: Buffer, length: number) => void): void {
    const parser = this.#parser;
    // The class carries the callbacks' numbers. Its type does not name them.
    const callbacks = parser.constructor as ParserCallbacks;
    callbacks.encoding = "latin1";
    callbacks.maxHeaderSize = Number.POSITIVE_INFINITY;
    parser[callbacks.kOnHeadersComplete] = (head: ParsedHead) => this.#onHead(head);
    parser[callbacks.kOnBody] = (chunk: Buffer, start: number, length: number) => {
      if (this.#request === undefined || this.#problem !== null) return;
      const body = chunk.subarray(start, start + length);
      if (this.#heard !== null) {
        this.#heard.read(body, nowUs());
        if (this.#heard.isOver) this.#breakOff();
        return;
      }
      if (this.#request.wantsBody) this.#problem = this.#body.keep(body);
      else this.#body.keepSample(body);
    };
    parser[callbacks.kOnMessageComplete] = () => this.#onComplete();
    refuseBadChunkSizes(parser);
    client.pipelinedRequests = { addByteCount: () => {}, clear: () => {} };
    // TLS: autocannon itself hands over the chunks.
    parser.execute = (chunk) => {
      onRead(chunk, chunk.length);
      return chunk.length;
    };
  }

  /** Call it only while an answer is awaited. */
  read(chunk: Buffer, length: number): void {
    this.#beginsWithAnswer = this.#bytesRead === 0;
    const known = this.#beginsWithAnswer ? this.#awaited(0)?.head.find(chunk, length) : null;
    if (known) {
      const from = known.bytes.length;
      const { status, headers, keepAlive, reusableForMs } = known;
      const room = this.#roomFor(0, status);
      const body = room > 0 ? [Buffer.from(chunk.subarray(from, Math.min(length, from + room)))] : NO_BODY;
      this.#answers.push({ status, headers, body, keepAlive, reusableForMs });
      return;
    }
    this.#bytesRead += length;
    this.#consumed = 0;
    const taken = this.#parse.call(this.#parser, chunk, 0, length);
    if (this.#answers.length > 0) this.#bytesRead = length - this.#consumed;
    const isAwaited = this.#awaited(this.#answers.length) !== undefined;
    const isEndless = !this.#hasHead && this.#bytesRead > LONGEST_HEAD_BYTES;
    if (isAwaited && (typeof taken !== "number" || isEndless)) this.#problem ??= "malformed answer";
    this.#hasSurplus = !isAwaited && this.#bytesRead > 0;
  }

  /** The other side has ended: an answer without a length is whole now. */
  finish(): void {
    this.#keepAlive = false;
    this.#parser.finish();
  }

  /** The answers that have become whole since the last call. */
  takeAnswers(): readonly HttpAnswer[] {
    const answers = this.#answers;
    this.#answers = [];
    return answers;
  }

  /** Forgets a half-read answer, for the next connection. */
  reset(): void {
    this.#parser.initialize(this.#parser.type);
    this.#answers = [];
    this.#bytesRead = 0;
    this.#problem = null;
    this.#hasSurplus = false;
    this.#isInformational = false;
    this.#forget();
  }

  /** @returns true for answers that have no body, whatever their headers say. */
  #onHead(head: ParsedHead): boolean {
    const request = this.#isOver() ? undefined : this.#awaited(this.#answers.length);
    this.#request = request;
    // Bytes after the last answer: nobody asked for this one.
    if (request === undefined) return true;
    if (this.#headBytes() > LONGEST_HEAD_BYTES) {
      this.#problem = "malformed answer";
      return true;
    }
    const status = head.statusCode;
    this.#isInformational = status < 200 && status !== 101;
    if (this.#isInformational) return false;
    this.#hasHead = true;
    this.#status = status;
    this.#headers = head.headers;
    this.#keepAlive = head.shouldKeepAlive && status !== 101;
    this.#reusableForMs = reusableForMs(head.headers);
    this.#body.begin(this.#roomFor(this.#answers.length, status));
    if (request.isHead) {
      // The answer ends with its head, so that a missing length does not leave the end to the connection's.
      this.#parser.body_bytes ??= 0;
      this.#keepAlive = this.#parser.shouldKeepAlive() && status !== 101;
      return true;
    }
    const hasNoBody = status === 204 || status === 304 || status === 101;
    if (!hasNoBody && !settleFraming(this.#parser, head.headers)) {
      this.#problem = "malformed answer: Content-Length";
      return true;
    }
    if (request.streams) {
      this.#heard = this.#hear(this.#answers.length, status, head.headers);
      if (this.#heard.isOver) this.#breakOff();
      return hasNoBody;
    }
    if (hasNoBody) return true;
    // It may be known by now where the body ends.
    this.#keepAlive = this.#parser.shouldKeepAlive();
    if (this.#beginsWithAnswer && this.#answers.length === 0) {
      request.head.learn(this.#parser, {
        status,
        headers: head.headers,
        keepAlive: this.#keepAlive,
        reusableForMs: this.#reusableForMs,
      });
    }
    return false;
  }

  #onComplete(): void {
    if (this.#isInformational) {
      this.#isInformational = false;
      return;
    }
    if (this.#request === undefined || this.#problem !== null) return;
    this.#heard?.end();
    this.#answers.push({
      status: this.#status,
      headers: this.#headers,
      body: this.#body.pieces,
      keepAlive: this.#keepAlive,
      reusableForMs: this.#reusableForMs,
    });
    this.#consumed = this.#parser.offset;
    this.#forget();
  }

  /** Nothing more of a stream is waited for. It goes on, so this is the last answer on its connection. */
  #breakOff(): void {
    this.#answers.push({
      status: this.#status,
      headers: this.#headers,
      body: NO_BODY,
      keepAlive: false,
      reusableForMs: 0,
    });
    this.#consumed = this.#parser.offset;
    this.#forget();
  }

  /** How many bytes of the nth answer's body are to be kept. */
  #roomFor(nth: number, status: number): number {
    if (this.#awaited(nth)?.wantsBody === true) return Number.POSITIVE_INFINITY;
    return this.#wantsSample(nth, status) ? SAMPLE_BYTES : 0;
  }

  /** Bytes of the current answer, up to where the parser is. 1xx answers before it are included. */
  #headBytes(): number {
    const { offset, end } = this.#parser;
    const before = this.#answers.length > 0 ? 0 : this.#bytesRead - end;
    return before + offset - this.#consumed;
  }

  /** Whatever follows is no answer: the last one said that it was the last. */
  #isOver(): boolean {
    return this.#problem !== null || this.#answers.at(-1)?.keepAlive === false;
  }

  #forget(): void {
    this.#request = undefined;
    this.#hasHead = false;
    this.#status = 0;
    this.#headers = NO_HEADERS;
    this.#keepAlive = true;
    this.#reusableForMs = Number.POSITIVE_INFINITY;
    this.#body.forget();
    this.#heard = null;
  }
}
