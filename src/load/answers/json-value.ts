import { type JsonPath, parseJsonPath } from "../../notation/json-path.js";
import { FaultlineError } from "../../support/errors.js";

/** @throws SCENARIO_INVALID when the text is no such path. */
export function compileJsonPath(text: string): JsonPath {
  const path = parseJsonPath(text);
  if (path !== null) return path;
  throw new FaultlineError("SCENARIO_INVALID", `"${text}" is no JSON path; write it as $.items[0].id`);
}

/** The value at the path. The `length` of a list or a text is one, too. @returns undefined when there is none. */
export function valueAt(root: unknown, path: JsonPath): unknown {
  let value = root;
  for (const step of path) {
    if (typeof value === "string" && step === "length") {
      value = characters(value);
      continue;
    }
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return undefined;
    // It is an object with that own key, as checked above. `length` is an own key of lists.
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}

/** Characters beyond 16 bits count as one. */
function characters(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}
