/**
 * Reads JSON as Toxiproxy does, where that differs from JSON.parse: text after the first value is ignored, the spelling
 * of numbers is kept (1.0 and 1e2 are not integers), all of repeated keys are kept, and half of a surrogate pair
 * becomes U+FFFD.
 */
export type JsonNode =
  | { readonly kind: "object"; readonly entries: readonly (readonly [key: string, value: JsonNode])[] }
  | { readonly kind: "array"; readonly items: readonly JsonNode[] }
  | { readonly kind: "string"; readonly text: string }
  | { readonly kind: "number"; readonly text: string }
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "null" };

export class JsonError extends Error {}

/** Deeper nesting than any client needs. The limit keeps the reader from overflowing its stack. */
const DEEPEST = 500;

/** Reads the first value of a text. @throws JsonError. */
export function parseApiJson(text: string): JsonNode {
  return new Reader(text).value(0);
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters end a JSON string's plain part
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const SPACE = /[ \t\r\n]*/y;
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): JsonNode {
    if (depth > DEEPEST) throw new JsonError(`nested deeper than ${DEEPEST} levels`);
    this.#match(SPACE);
    const char = this.#text[this.#at];
    if (char === "{") return this.#object(depth);
    if (char === "[") return this.#array(depth);
    if (char === '"') return { kind: "string", text: this.#string() };
    if (char === "t") return this.#word("true", { kind: "boolean", value: true });
    if (char === "f") return this.#word("false", { kind: "boolean", value: false });
    if (char === "n") return this.#word("null", { kind: "null" });
    const number = this.#match(NUMBER);
    if (number === "") throw this.#unexpected("a value");
    return { kind: "number", text: number };
  }

  #object(depth: number): JsonNode {
    const entries: (readonly [string, JsonNode])[] = [];
    this.#at++;
    if (this.#next("}")) return { kind: "object", entries };
    do {
      this.#match(SPACE);
      if (this.#text[this.#at] !== '"') throw this.#unexpected("a key in double quotes");
      const key = this.#string();
      if (!this.#next(":")) throw this.#unexpected('":"');
      entries.push([key, this.value(depth + 1)]);
    } while (this.#next(","));
    if (!this.#next("}")) throw this.#unexpected('"," or "}"');
    return { kind: "object", entries };
  }

  #array(depth: number): JsonNode {
    const items: JsonNode[] = [];
    this.#at++;
    if (this.#next("]")) return { kind: "array", items };
    do items.push(this.value(depth + 1));
    while (this.#next(","));
    if (!this.#next("]")) throw this.#unexpected('"," or "]"');
    return { kind: "array", items };
  }

  #string(): string {
    const parts: string[] = [];
    this.#at++;
    for (;;) {
      parts.push(this.#match(PLAIN));
      const char = this.#text[this.#at];
      if (char === '"') break;
      if (char !== "\\") throw this.#unexpected('a closing "');
      parts.push(this.#escape());
    }
    this.#at++;
    const text = parts.join("");
    return parts.length > 1 ? Buffer.from(text).toString() : text;
  }

  #escape(): string {
    const letter = this.#text[this.#at + 1] ?? "";
    if (letter === "u") {
      const hex = this.#text.slice(this.#at + 2, this.#at + 6);
      if (!/^[0-9a-fA-F]{4}$/.test(hex)) throw this.#unexpected("four hexadecimal digits after \\u");
      this.#at += 6;
      return String.fromCharCode(Number.parseInt(hex, 16));
    }
    const plain = Object.hasOwn(ESCAPES, letter) ? ESCAPES[letter] : undefined;
    if (plain === undefined) throw this.#unexpected("a known escape");
    this.#at += 2;
    return plain;
  }

  #word(word: string, node: JsonNode): JsonNode {
    if (!this.#text.startsWith(word, this.#at)) throw this.#unexpected(word);
    this.#at += word.length;
    return node;
  }

  /** Skips space and, if it comes next, this character. */
  #next(char: string): boolean {
    this.#match(SPACE);
    if (this.#text[this.#at] !== char) return false;
    this.#at++;
    return true;
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? "";
    this.#at += found.length;
    return found;
  }

  #unexpected(wanted: string): JsonError {
    if (this.#at >= this.#text.length) return new JsonError(`it ends where ${wanted} should be`);
    const found = JSON.stringify(this.#text.slice(this.#at, this.#at + 10));
    return new JsonError(`${wanted} should be at offset ${this.#at}, not ${found}`);
  }
}
