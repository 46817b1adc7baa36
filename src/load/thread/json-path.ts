import { type JsonPath, parseJsonPath } from "../../scenario/values/json-path.js";
import { FaultlineError } from "../../support/errors.js";

/** Throws SCENARIO_INVALID when the text is no such path. */
export function compileJsonPath(text: string): JsonPath {
  const path = parseJsonPath(text);
  if (path !== null) return path;
  throw new FaultlineError("SCENARIO_INVALID", `"${text}" is no JSON path; write it as $.items[0].id`);
}

/** The value at the path; undefined when there is none. */
export function valueAt(root: unknown, path: JsonPath): unknown {
  let value = root;
  for (const step of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return undefined;
    // An object with that own key, as was just asked.
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}
