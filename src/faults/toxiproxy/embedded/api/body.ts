import { ApiError } from "./api-error.js";
import { JsonError, type JsonNode, parseApiJson } from "./json.js";

/** Reads a request's body. @throws ApiError 400. */
export function readBody(text: string): JsonNode {
  try {
    return parseApiJson(text);
  } catch (error) {
    if (error instanceof JsonError) throw badBody(error.message);
    throw error;
  }
}

export function badBody(why: string): ApiError {
  return new ApiError(400, `bad request body: ${why}`);
}

/**
 * The fields of an object in a body, as Toxiproxy takes them. Names match in any case, the last of repeated ones wins,
 * null leaves a field as it was, and unknown ones are ignored. A field of the wrong type does not keep the others from
 * being read; `check` then says what was wrong first.
 */
export class Fields {
  readonly #entries: readonly (readonly [string, JsonNode])[];
  readonly #path: string;
  #problem: string | null = null;

  /** `path` is put before the names in messages: "" or "attributes.". @throws ApiError 400. */
  constructor(node: JsonNode, path = "") {
    if (node.kind !== "object" && node.kind !== "null") {
      throw badBody(`${path === "" ? "the body" : path.slice(0, -1)} must be an object, not ${phrase(node)}`);
    }
    this.#entries = node.kind === "object" ? node.entries : [];
    this.#path = path;
  }

  text(name: string): string | undefined {
    return this.#last(name, "a string", (node) => (node.kind === "string" ? node.text : undefined));
  }

  boolean(name: string): boolean | undefined {
    return this.#last(name, "true or false", (node) => (node.kind === "boolean" ? node.value : undefined));
  }

  /** As `boolean`, but null takes back what was said before it. */
  revocableBoolean(name: string): boolean | undefined {
    const value = this.boolean(name);
    const last = this.#entries.findLast(([key]) => isKey(key, name));
    return last?.[1].kind === "null" ? undefined : value;
  }

  /** A number in single precision. */
  float32(name: string): number | undefined {
    return this.#number(name, Math.fround);
  }

  float64(name: string): number | undefined {
    return this.#number(name, (value) => value);
  }

  /** A 64-bit integer. Beyond 2^53 it is as near as a number can be. */
  int64(name: string): number | undefined {
    return this.#last(name, "a whole number", (node) => {
      if (node.kind !== "number" || !/^-?\d{1,19}$/.test(node.text)) return undefined;
      const exact = BigInt(node.text);
      return BigInt.asIntN(64, exact) === exact ? Number(exact) : undefined;
    });
  }

  array(name: string): readonly JsonNode[] | undefined {
    return this.#last(name, "an array", (node) => (node.kind === "array" ? node.items : undefined));
  }

  /** When there are several, each adds to those before it. After null the rest is ignored. */
  object(name: string): JsonNode | undefined {
    let merged: Extract<JsonNode, { kind: "object" }> | undefined;
    for (const [key, node] of this.#entries) {
      if (!isKey(key, name)) continue;
      if (node.kind === "null") break;
      if (node.kind === "object") {
        merged = { kind: "object", entries: [...(merged?.entries ?? []), ...node.entries] };
      } else this.#wrong(name, "an object", node);
    }
    return merged;
  }

  /** @throws ApiError 400 when a requested field had the wrong type. */
  check(): void {
    if (this.#problem !== null) throw badBody(this.#problem);
  }

  #number(name: string, rounded: (value: number) => number): number | undefined {
    return this.#last(name, "a number", (node) => {
      const value = node.kind === "number" ? rounded(Number(node.text)) : Number.NaN;
      return Number.isFinite(value) ? value : undefined;
    });
  }

  #last<T>(name: string, wanted: string, read: (node: JsonNode) => T | undefined): T | undefined {
    let last: T | undefined;
    for (const [key, node] of this.#entries) {
      if (!isKey(key, name) || node.kind === "null") continue;
      const value = read(node);
      if (value === undefined) this.#wrong(name, wanted, node);
      else last = value;
    }
    return last;
  }

  #wrong(name: string, wanted: string, node: JsonNode): void {
    this.#problem ??= `${this.#path}${name} must be ${wanted}, not ${phrase(node)}`;
  }
}

/** In any case, as Go folds it: the long s is an s, too. (JavaScript itself folds the Kelvin sign.) */
function isKey(key: string, name: string): boolean {
  return key.toLowerCase().replaceAll("\u017f", "s") === name;
}

function phrase(node: JsonNode): string {
  if (node.kind === "string") return JSON.stringify(node.text.slice(0, 40));
  if (node.kind === "number") return node.text.slice(0, 40);
  if (node.kind === "boolean") return String(node.value);
  if (node.kind === "null") return "null";
  return node.kind === "array" ? "an array" : "an object";
}
