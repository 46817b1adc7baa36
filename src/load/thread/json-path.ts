import { FaultlineError } from "../../support/errors.js";

/** A path such as $.items[0].id or $['odd name']: the keys and positions from the root on. */
export type JsonPath = readonly (string | number)[];

const STEP = /\.([A-Za-z_$][\w$-]*)|\[(\d+)\]|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]/y;

/** Throws SCENARIO_INVALID when the text is no such path. */
export function parseJsonPath(text: string): JsonPath {
  const steps: (string | number)[] = [];
  let at = 1;
  while (text.startsWith("$") && at < text.length) {
    STEP.lastIndex = at;
    const match = STEP.exec(text);
    if (!match) break;
    const [whole, name, position, single, double] = match;
    if (position !== undefined) steps.push(Number(position));
    else steps.push(name ?? (single ?? double ?? "").replace(/\\(.)/g, "$1"));
    at += whole.length;
  }
  if (!text.startsWith("$") || at < text.length) {
    throw new FaultlineError("SCENARIO_INVALID", `"${text}" is no JSON path; write it as $.items[0].id`);
  }
  return steps;
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
