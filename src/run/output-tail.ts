import { stripVTControlCharacters } from "node:util";

const MASK = "***";

/** The last characters that a program printed, without secrets and terminal control sequences. */
export class OutputTail {
  readonly #limit: number;
  /** Any secret; the longest first, so that one which contains another is masked whole. Null without secrets. */
  readonly #secret: RegExp | null;
  /** A secret may arrive in two pieces: so many characters wait for what follows them. */
  readonly #holdBack: number;
  readonly #held = new Map<string, string>();
  #kept = "";

  /** Keeps at least the last `limit` characters, at most twice as many. */
  constructor(limit: number, secrets: readonly string[]) {
    this.#limit = limit;
    const longestFirst = secrets.filter((secret) => secret !== "").sort((a, b) => b.length - a.length);
    this.#secret =
      longestFirst[0] === undefined ? null : new RegExp(longestFirst.map(literal).join("|"), "g");
    this.#holdBack = Math.max(0, (longestFirst[0]?.length ?? 0) - 1);
  }

  /** `stream` tells apart sources whose pieces must not be joined: stdout and stderr. */
  add(stream: string, text: string): void {
    const raw = (this.#held.get(stream) ?? "") + text;
    let cut = Math.max(0, raw.length - this.#holdBack);
    // A secret that begins before the cut is there as a whole: take all of it.
    for (const match of this.#secret ? raw.matchAll(this.#secret) : []) {
      if (match.index < cut) cut = Math.max(cut, match.index + match[0].length);
    }
    this.#kept += this.#mask(raw.slice(0, cut));
    this.#held.set(stream, raw.slice(cut));
    if (this.#kept.length > 2 * this.#limit) this.#kept = this.#kept.slice(-this.#limit);
  }

  toString(): string {
    const held = [...this.#held.values()].map((text) => this.#mask(text)).join("");
    // Once more: a colour code in the middle of a secret has hidden it until now.
    return this.#mask(printable(this.#kept + held)).slice(-this.#limit);
  }

  lastLines(count: number): readonly string[] {
    return this.toString().trimEnd().split("\n").slice(-count);
  }

  #mask(text: string): string {
    return this.#secret ? text.replace(this.#secret, MASK) : text;
  }
}

/** A pattern that matches exactly this text. */
function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is removed
  return stripVTControlCharacters(text).replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, "");
}
