/** `${NAME}` in the texts of a compose file, as Compose reads it. */

/** The variables of the `.env` file beside the compose file. */
export type ComposeVariables = ReadonlyMap<string, string>;

/** Variables as they are written in `.env`: they may use each other. A circle is empty. */
export function resolveSettings(written: ReadonlyMap<string, string>): ComposeVariables {
  const resolved = new Map<string, string>();
  const resolve = (name: string, value: string) => {
    resolved.set(name, "");
    for (const [other, text] of written)
      if (!resolved.has(other) && value.includes(other)) resolve(other, text);
    resolved.set(name, interpolate(value, resolved).text);
  };
  for (const [name, value] of written) if (!resolved.has(name)) resolve(name, value);
  return resolved;
}

interface Part {
  /** As it is written. */
  readonly raw: string;
  /** What it becomes. */
  readonly text: string;
  /**
   * - literal: `text` is `raw`.
   * - own: it stands in the compose file itself, as the default of a variable.
   * - setting: it stands elsewhere, so it may be a secret.
   */
  readonly kind: "literal" | "own" | "setting";
}

const MOST_NESTED = 5;

/** A text of the compose file: what it becomes, and how it is written. */
export class InterpolatedText {
  readonly #parts: readonly Part[];

  constructor(parts: readonly Part[]) {
    this.#parts = parts;
  }

  /** Variables that nobody set are empty. */
  get text(): string {
    return this.#parts.map(({ text }) => text).join("");
  }

  /**
   * The written text with the characters from `start` to `end` of `text` replaced.
   * @returns null when this would write down a part of a setting.
   */
  withReplaced(start: number, end: number, replacement: string): string | null {
    let raw = "";
    let at = 0;
    let isReplaced = false;
    for (const part of this.#parts) {
      const [from, to] = [at, at + part.text.length];
      at = to;
      if (to <= start || from >= end) {
        raw += beforeAnything(part.raw);
        continue;
      }
      const isWhole = from >= start && to <= end;
      if (!isWhole && part.kind === "setting") return null;
      const before = part.text.slice(0, Math.max(0, start - from));
      const after = part.text.slice(Math.max(0, end - from));
      raw += escaped(before) + (isReplaced ? "" : replacement) + escaped(after);
      isReplaced = true;
    }
    return raw;
  }
}

/** Reads `$NAME`, `${NAME}`, `${NAME:-default}` and its kin, and `$$`. */
export function interpolate(raw: string, settings: ComposeVariables): InterpolatedText {
  return new InterpolatedText(partsOf(raw, settings, 0));
}

function partsOf(raw: string, settings: ComposeVariables, depth: number): Part[] {
  const parts: Part[] = [];
  let at = 0;
  while (at < raw.length) {
    const dollar = raw.indexOf("$", at);
    if (dollar !== at) {
      const literal = raw.slice(at, dollar === -1 ? raw.length : dollar);
      parts.push({ raw: literal, text: literal, kind: "literal" });
      at += literal.length;
      continue;
    }
    const part = variableAt(raw, at, settings, depth) ?? { raw: "$", text: "$", kind: "literal" };
    parts.push(part);
    at += part.raw.length;
  }
  return parts;
}

function variableAt(raw: string, at: number, settings: ComposeVariables, depth: number): Part | null {
  if (raw[at + 1] === "$") return { raw: "$$", text: "$", kind: "own" };
  const [plain] = /^\$[A-Za-z_]\w*/.exec(raw.slice(at)) ?? [];
  if (plain !== undefined) return { raw: plain, text: settings.get(plain.slice(1)) ?? "", kind: "setting" };
  if (raw[at + 1] !== "{") return null;
  const end = closingBrace(raw, at + 2);
  if (end === null) return null;
  const whole = raw.slice(at, end + 1);
  const match = /^([A-Za-z_]\w*)(?:(:?[-+?])([\s\S]*))?$/.exec(raw.slice(at + 2, end));
  if (!match) return null;
  const [, name = "", operator = "", rest = ""] = match;
  const value = settings.get(name);
  const isSet = value !== undefined && (value !== "" || !operator.startsWith(":"));
  const isOther = operator.endsWith("+") ? isSet : operator.endsWith("-") && !isSet;
  if (!isOther) return { raw: whole, text: operator.endsWith("+") ? "" : (value ?? ""), kind: "setting" };
  const inner = depth < MOST_NESTED ? partsOf(rest, settings, depth + 1) : [];
  const text = inner.map((part) => part.text).join("");
  return { raw: whole, text, kind: inner.some(({ kind }) => kind === "setting") ? "setting" : "own" };
}

function closingBrace(raw: string, from: number): number | null {
  let open = 1;
  for (let at = from; at < raw.length; at++) {
    if (raw[at] === "}" && --open === 0) return at;
    if (raw[at] === "{" && raw[at - 1] === "$") open++;
  }
  return null;
}

/** The same part in a form that no letter behind it changes. */
function beforeAnything(raw: string): string {
  return raw === "$" ? "$$" : raw.replace(/^\$(?=[A-Za-z_])(.*)$/, "${$1}");
}

function escaped(text: string): string {
  return text.replaceAll("$", "$$$$");
}
