/** What came of asking once, before anybody looks into it. */
export type Asked =
  | {
      readonly kind: "answer";
      /** null: it was not a command. */
      readonly exitCode: number | null;
      /** null: it was not over HTTP. */
      readonly status: number | null;
      readonly body: Buffer;
      /** The end of what a command printed on both streams, to be shown when it says nothing that is understood. */
      readonly output: string;
    }
  | Unasked;

/** It is known that what was asked about is not there. */
export interface MissingObject {
  readonly kind: "missing";
  readonly reason: string;
  readonly output: "";
}

/** There is no answer that says anything about the system. */
export interface Unasked {
  readonly kind: "unasked";
  readonly why: WhyUnasked;
  /** "the command exited with code 1" */
  readonly reason: string;
  /** The end of what was printed, or of the answer. */
  readonly output: string;
}

export const WHY_UNASKED = [
  "not_started",
  "exit_code",
  "late",
  "too_much",
  "no_answer",
  "status",
  "nothing_printed",
  "not_a_number",
  "not_json",
  "not_ids",
  "ids_reused",
  "ids_lost",
  "nothing_acknowledged",
] as const;
export type WhyUnasked = (typeof WHY_UNASKED)[number];

/** An answer that has been looked into. */
export type Judged =
  | { readonly kind: "held" }
  /** What was expected, and what was found instead. */
  | { readonly kind: "broken"; readonly reason: string }
  | Unasked;
