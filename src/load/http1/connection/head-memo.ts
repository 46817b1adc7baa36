import type { AnswerParser } from "./autocannon-client.js";

/** What the head of an answer says. */
export interface AnswerHeadFacts {
  readonly status: number;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly keepAlive: boolean;
  readonly reusableForMs: number;
}

interface KnownHead extends AnswerHeadFacts {
  readonly bytes: Buffer;
  /** Bytes of head and body together. */
  readonly answerLength: number;
}

/**
 * Remembers the head of a request's last answer. Most answers repeat it byte for byte, until the second in their Date
 * changes. Such a head need not be parsed again: that saves a sixth of what a request costs the generator.
 */
export class HeadMemo {
  #known: KnownHead | null = null;

  /** The head, when `length` bytes of `chunk` are one whole answer that begins with the known head. */
  find(chunk: Buffer, length: number): KnownHead | null {
    const known = this.#known;
    if (known === null || known.answerLength !== length) return null;
    return known.bytes.compare(chunk, 0, known.bytes.length) === 0 ? known : null;
  }

  /**
   * Call it when the parser has just read a head that began with its chunk, before the body. Heads that do not say how
   * long the body is are not remembered.
   */
  learn(parser: AnswerParser, facts: AnswerHeadFacts): void {
    const { chunk, offset, body_bytes: bodyLength } = parser;
    if (chunk === null || bodyLength === null || parser.isChunked) return;
    // Written out: `find` is compiled for one shape of object, and a spread would make two.
    this.#known = {
      status: facts.status,
      headers: facts.headers,
      keepAlive: facts.keepAlive,
      reusableForMs: facts.reusableForMs,
      // A copy: the chunk's memory is read into again.
      bytes: Buffer.from(chunk.subarray(0, offset)),
      answerLength: offset + bodyLength,
    };
  }
}
