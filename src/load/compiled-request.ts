import type { ValueScope } from "./mix/values.js";

/** An answer that is neither good nor bad: a fallback. It counts as `ok`, and beside that as degraded. */
export const DEGRADED = Symbol("degraded");

/** A planned request as its protocol has compiled it: ready to be sent many times. */
export interface CompiledRequest {
  /** Nothing in it varies, so all its users may share their values. */
  readonly isConstant: boolean;
  /** Judging the answer looks into it. That takes time that is not the system's. */
  readonly looksInto: boolean;
  /**
   * Takes values that later steps of a journey need from the answer into `scope`.
   * @returns null when the answer is as expected, DEGRADED when it is a fallback, else the reason for `http_error`.
   */
  judge(answer: Answer, scope: ValueScope): string | typeof DEGRADED | null;
}

/** A whole answer. */
export interface Answer {
  /** The protocol's own status, a number of up to three digits. */
  readonly status: number;
  /** What comes with the body: names and values in turn. */
  readonly headers: readonly string[];
  /** Parts of the body. When nobody looks into the answer: at most its beginning, as an example of bad answers. */
  readonly body: readonly Buffer[];
}
