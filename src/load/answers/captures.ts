import { parse, stringify } from "lossless-json";
import type { JsonPath } from "../../notation/json-path.js";
import { readPath } from "../../notation/url-reference.js";
import type { Capture } from "../../requests/http/http-request.js";
import { type AnswerBody, headerValue } from "./answer-body.js";
import { compilePattern } from "./conditions.js";
import { compileJsonPath, valueAt } from "./json-value.js";

export interface CompiledCapture {
  readonly name: string;
  readonly wantsBody: boolean;
  /** null: nothing was found. */
  readonly find: (headers: readonly string[], body: AnswerBody) => string | null;
  /** Why the value cannot be used at its place, to be joined to the capture's name. null: it can be used. */
  readonly problem: (value: string) => string | null;
}

/**
 * @param pathOf the target whose path a later step takes from the value. null: no step takes one.
 * @throws SCENARIO_INVALID for a malformed path or pattern.
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

/**
 * A body without any of these holds only whole numbers that JavaScript writes as they are. 10.00, 1e2 and -0 are the
 * others.
 */
const OTHERWISE_WRITTEN = /\d[.eE]|-0/;

/** A string's own text, anything else as JSON. Numbers stay as they were written. */
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
    // This parser recurses, JSON.parse does not: 20,000 levels are too deep for it.
    if (error instanceof RangeError) return null;
    throw error;
  }
}
