import { parse, stringify } from "lossless-json";
import type { Capture } from "../../plan/http-request.js";
import type { JsonPath } from "../../scenario/values/json-path.js";
import { readPath } from "../../scenario/values/url-reference.js";
import { type AnswerBody, headerValue } from "./answer-body.js";
import { compilePattern } from "./conditions.js";
import { compileJsonPath, valueAt } from "./json-path.js";

export interface CompiledCapture {
  readonly name: string;
  readonly wantsBody: boolean;
  /** null: it found nothing. */
  readonly find: (headers: readonly string[], body: AnswerBody) => string | null;
  /** Why the value cannot be used where it is used, for joining to the capture's name; null: it can. */
  readonly problem: (value: string) => string | null;
}

/**
 * `pathOf`: a later step takes the value for its path, which has to be one of this target; null: none does. Throws
 * SCENARIO_INVALID for a malformed path or pattern.
 */
export function compileCapture(capture: Capture, pathOf: string | null = null): CompiledCapture {
  const problem = (value: string) => {
    const reading = pathOf === null ? null : readPath(value, pathOf);
    return reading === null || reading.ok ? null : reading.problem;
  };
  return { ...compileFinder(capture), problem };
}

function compileFinder(capture: Capture): Omit<CompiledCapture, "problem"> {
  const { name, from } = capture;
  switch (from.kind) {
    case "header": {
      const header = from.header.toLowerCase();
      const pattern = from.pattern === null ? null : compilePattern(from.pattern);
      return {
        name,
        wantsBody: false,
        find: (headers) => {
          const value = headerValue(headers, header);
          return value === null || pattern === null ? value : firstMatch(pattern, value);
        },
      };
    }
    case "json": {
      const path = compileJsonPath(from.path);
      return { name, wantsBody: true, find: (_, body) => jsonText(body, path) };
    }
    case "regex": {
      const pattern = compilePattern(from.pattern);
      return { name, wantsBody: true, find: (_, body) => firstMatch(pattern, body.text) };
    }
  }
}

/** The first group, or the whole match. */
function firstMatch(pattern: RegExp, text: string): string | null {
  const match = pattern.exec(text);
  return match === null ? null : (match[1] ?? match[0]);
}

/** A body that holds none of these has no whole number that reads otherwise than JavaScript writes it: 10.00, 1e2, -0. */
const OTHERWISE_WRITTEN = /\d[.eE]|-0/;

/** A string's own text, anything else as JSON; numbers stay as they were written. */
function jsonText(body: AnswerBody, path: JsonPath): string | null {
  const value = valueAt(body.json, path);
  if (value === undefined || value === null) return null;
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return String(value);
  if (Number.isSafeInteger(value) && !OTHERWISE_WRITTEN.test(body.text)) return String(value);
  try {
    const written = parse(body.text, null, { onDuplicateKey: ({ newValue }) => newValue });
    return stringify(valueAt(written, path)) ?? null;
  } catch (error) {
    // It goes down by recursion, which JSON.parse does not: 20,000 levels are too deep for it.
    if (error instanceof RangeError) return null;
    throw error;
  }
}
