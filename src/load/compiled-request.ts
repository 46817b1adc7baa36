import type { HeardStream } from "./events/heard-stream.js";
import type { ValueScope } from "./mix/values.js";

/** An answer that is neither good nor bad: a fallback. It counts as `ok`, and beside that as degraded. */
export const DEGRADED = Symbol("degraded");

/** The answer is on its way: another request takes the place of this one, on the same channel. It counts as one with it. */
export const AGAIN = Symbol("again");

/** A good answer to a step that is asked again until its answer holds: this one does not. */
export class NotYet {
  /** Why it does not hold. */
  readonly reason: string;
  readonly isDegraded: boolean;

  constructor(reason: string, isDegraded: boolean) {
    this.reason = reason;
    this.isDegraded = isDegraded;
  }
}

/** null: as expected. A text: the reason for `http_error`. */
export type AnswerJudgement = string | typeof DEGRADED | typeof AGAIN | NotYet | null;

/** A planned request as its protocol has compiled it: ready to be sent many times. */
export interface CompiledRequest {
  /** Nothing in it varies, so all its users may share their values. */
  readonly isConstant: boolean;
  /** Judging the answer looks into it. That takes time that is not the system's. */
  readonly looksInto: boolean;
  /**
   * Takes values that later steps of a journey need from the answer into `scope`.
   * @param heard what has come of it, where it is a stream.
   * @returns AGAIN when what it asks for is to be sent with the same ticket.
   */
  judge(answer: Answer, scope: ValueScope, heard: HeardStream | null): AnswerJudgement;
  /** A bad answer says that the user is not logged in (any more). Not there: no answer says so. */
  isUnauthorized?(answer: Answer): boolean;
  /** An answer that was judged as AGAIN has asked who sends the request. Not there: none does. */
  isChallenge?(answer: Answer): boolean;
  /** How much has come of an answer that has parts, by its ticket: "2 of 5 messages". null: it has none. */
  progress?(ticket: object): string | null;
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
