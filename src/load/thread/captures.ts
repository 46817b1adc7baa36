import type { Capture } from "../../plan/load-plan.js";
import { FaultlineError } from "../../support/errors.js";
import { type AnswerBody, headerValue } from "./answer-body.js";
import { parseJsonPath, valueAt } from "./json-path.js";

export interface CompiledCapture {
  readonly name: string;
  readonly wantsBody: boolean;
  /** null: it found nothing. */
  readonly find: (headers: readonly string[], body: AnswerBody) => string | null;
}

/** Throws SCENARIO_INVALID for a malformed path or pattern. */
export function compileCapture(capture: Capture): CompiledCapture {
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
      const path = parseJsonPath(from.path);
      return { name, wantsBody: true, find: (_, body) => asText(valueAt(body.json, path)) };
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

function asText(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  return typeof value === "string" ? value : JSON.stringify(value);
}

function compilePattern(pattern: string): RegExp {
  try {
    return new RegExp(pattern);
  } catch (error) {
    throw new FaultlineError("SCENARIO_INVALID", `"${pattern}" is no regular expression`, { cause: error });
  }
}
