import { StringDecoder } from "node:string_decoder";
import { valueAt } from "../../load/answers/json-value.js";
import { parseJsonPath } from "../../notation/json-path.js";
import type { IdSetSpec } from "../../plan/checks/check-spec.js";

/** An answer with more ids than this is not read. */
const MOST_IDS = 5_000_000;
/** A list in JSON can only be read as a whole. */
export const MOST_JSON_BYTES = 128_000_000;
/** Lines are read as they come. */
const MOST_BYTES = 1_000_000_000;
/** No id is as long as this: what is read there is no list of ids. */
const LONGEST_LINE = 65_536;

/** An answer that is no list of ids. */
export class NoIds extends Error {
  readonly why: "too_much" | "not_json" | "not_ids";

  constructor(why: NoIds["why"], message: string) {
    super(message);
    this.why = why;
  }
}

/**
 * Reads an answer as ids: a list in JSON, or one id in each line. Empty lines count for nothing. Each id is handed over as
 * often as it is there.
 */
export class FoundIds {
  readonly #spec: Pick<IdSetSpec, "list" | "each">;
  readonly #take: (id: string) => void;
  readonly #decoder = new StringDecoder("utf8");
  #isJson: boolean | null;
  #json: string[] = [];
  #rest = "";
  #bytes = 0;
  #isBlank = true;
  #count = 0;
  #problem: NoIds | null = null;

  constructor(spec: Pick<IdSetSpec, "list" | "each">, take: (id: string) => void) {
    this.#spec = spec;
    this.#take = take;
    this.#isJson = spec.list !== null || spec.each !== null ? true : null;
  }

  /** How many there were. */
  get count(): number {
    return this.#count;
  }

  /** Nothing but blanks came. */
  get isSilent(): boolean {
    return this.#isBlank;
  }

  /** @returns false when nothing more needs to be read. `end` says why. */
  add(part: Buffer): boolean {
    try {
      this.#bytes += part.length;
      this.#read(this.#decoder.write(part));
      if (this.#bytes > (this.#isJson === true ? MOST_JSON_BYTES : MOST_BYTES)) throw tooMuch();
      return true;
    } catch (error) {
      if (!(error instanceof NoIds)) throw error;
      this.#problem = error;
      return false;
    }
  }

  /** @throws NoIds */
  end(): void {
    if (this.#problem) throw this.#problem;
    this.#read(this.#decoder.end());
    if (this.#isJson === true) this.#readJson(this.#json.join(""));
    else this.#line(this.#rest);
  }

  #read(text: string): void {
    if (this.#isBlank && text.trim() !== "") this.#isBlank = false;
    // A byte order mark, and blanks before a list in JSON.
    if (this.#isJson === null && text.trim() !== "") this.#isJson = /^[\s\ufeff]*\[/.test(text);
    if (this.#isJson === true) {
      this.#json.push(text);
      return;
    }
    const lines = `${this.#rest}${text}`.split("\n");
    this.#rest = lines.pop() ?? "";
    if (this.#rest.length > LONGEST_LINE) throw new NoIds("not_ids", "the answer has lines that are no ids");
    for (const line of lines) this.#line(line);
  }

  #line(line: string): void {
    const id = line.trim();
    if (id !== "") this.#found(id);
  }

  #found(id: string): void {
    this.#count += 1;
    if (this.#count > MOST_IDS) throw tooMuch();
    this.#take(id);
  }

  #readJson(text: string): void {
    if (text.trim() === "") return;
    let whole: unknown;
    try {
      whole = JSON.parse(text.replace(/^\ufeff/, ""));
    } catch {
      throw new NoIds("not_json", "the answer is not JSON");
    }
    const { list, each } = this.#spec;
    const items = list === null ? whole : valueAt(whole, parseJsonPath(list) ?? []);
    if (!Array.isArray(items))
      throw new NoIds("not_ids", `the answer has no list${list === null ? "" : ` at ${list}`}`);
    const path = each === null ? null : (parseJsonPath(each) ?? []);
    for (const item of items) this.#found(idOf(path === null ? item : valueAt(item, path)));
  }
}

function idOf(value: unknown): string {
  const text = typeof value === "string" ? value.trim() : "";
  if (text !== "") return text;
  if (Number.isSafeInteger(value)) return String(value);
  const what =
    typeof value === "number"
      ? `the number ${value}`
      : value === undefined
        ? "an item without an id"
        : "an item that is no text or whole number";
  throw new NoIds("not_ids", `the list has ${what}`);
}

function tooMuch(): NoIds {
  return new NoIds("too_much", "the answer is longer than is read");
}
