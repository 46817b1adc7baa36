import { type AnswerHead, readAnswerHead } from "./answer-head.js";
import { LastHead } from "./last-head.js";
import { type RequestHead, readRequestHead } from "./request-head.js";

/** Heads of one gateway, those of all connections together. */
export class Heads {
  readonly requests = new LastHead<RequestHead | null>(readRequestHead);
  readonly #answers = new LastHead<AnswerHead | null>((text) => readAnswerHead(text, null));
  readonly #toHead = new LastHead<AnswerHead | null>((text) => readAnswerHead(text, "HEAD"));

  /** @param method of the request: null where nobody asked. */
  answer(bytes: Buffer, method: string | null): AnswerHead | null {
    return (method === "HEAD" ? this.#toHead : this.#answers).of(bytes);
  }
}
