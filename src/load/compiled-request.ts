import type { ValueScope } from "./mix/values.js";

/** What a protocol has made of a planned request: it is ready to be sent many times. */
export interface CompiledRequest {
  /** Nothing in it varies, so all users of it may share their values. */
  readonly isConstant: boolean;
  /** To judge an answer means to look into it, which takes time that is not the system's. */
  readonly looksInto: boolean;
  /**
   * Takes what later steps of a journey want from the answer into `scope`.
   * @returns null when the answer is as expected, else the reason for `http_error`
   */
  judge(answer: Answer, scope: ValueScope): string | null;
}

/** A whole answer. */
export interface Answer {
  /** How it went, in the protocol's own numbers of up to three digits. */
  readonly status: number;
  /** What comes with the body: names and values in turn. */
  readonly headers: readonly string[];
  /** Parts of the body. Of an answer that nobody looks into at most its beginning, for an example of bad ones. */
  readonly body: readonly Buffer[];
}
