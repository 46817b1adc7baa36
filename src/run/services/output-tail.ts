import { printable } from "../../support/printable.js";
import { maskOf } from "../../support/redact.js";

/** A secret may take this many times its length, when each of its characters is escaped twice. */
const LONGEST_ESCAPE = 12;
/** At most this much of a line waits for its end. More would push other output out of the tail. */
const LONGEST_LINE = 4_096;
/** This much of a longer line waits for what follows: another stream must not come into the middle of a secret. */
const MOST_HELD = 1_024;

/**
 * The last characters that a program printed, without secrets and terminal control sequences. These are removed only when
 * the text is asked for, so that megabytes of output cost nothing.
 */
export class OutputTail {
  readonly #limit: number;
  readonly #secrets: readonly string[];
  /** The text before the tail. A secret that begins there and ends in the tail is still recognized. */
  readonly #before: number;
  /** By stream: the line that is not over. Streams are joined line by line. */
  readonly #unfinished = new Map<string, string>();
  #kept = "";
  #isWhole = true;

  constructor(limit: number, secrets: readonly string[]) {
    this.#limit = limit;
    this.#secrets = secrets;
    this.#before = secrets.reduce((most, { length }) => Math.max(most, length), 0) * LONGEST_ESCAPE;
  }

  /** `stream` tells apart sources whose pieces must not be joined: stdout and stderr. */
  add(stream: string, text: string): void {
    const begun = this.#unfinished.get(stream) ?? "";
    const all = begun + text;
    const room = this.#limit + this.#before;
    const lineEnd = text.lastIndexOf("\n");
    let cut = lineEnd < 0 ? 0 : begun.length + lineEnd + 1;
    if (all.length - cut > LONGEST_LINE) cut = all.length - Math.min(this.#before, MOST_HELD);
    this.#unfinished.set(stream, all.slice(cut));
    this.#kept += all.slice(0, cut);
    if (this.#kept.length <= 2 * room) return;
    this.#kept = this.#kept.slice(-room);
    this.#isWhole = false;
  }

  /** All of the output that is kept. */
  toString(): string {
    const text = this.last(this.#limit);
    return this.#isWhole ? text : `… (the output before this is not kept)\n${text}`;
  }

  /** The last characters, as many as are asked for. */
  last(characters: number): string {
    const all = [this.#kept, ...this.#unfinished.values()].join("");
    const text = all.slice(-(characters + this.#before));
    return printable(maskOf(this.#secrets).mask(text, Math.max(0, text.length - characters)));
  }
}
