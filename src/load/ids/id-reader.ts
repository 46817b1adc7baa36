import { parseReference, parseTemplate } from "../../notation/template.js";
import type { ValueScope, Values } from "../mix/values.js";

/** The id of a request that was sent. null: it is not known, such as one that an answer would have brought. */
export type IdReader = (scope: ValueScope) => string | null;

/** @throws SCENARIO_INVALID when an expression has no value for each request. */
export function compileId(template: string, values: Values): IdReader {
  const parts = parseTemplate(template).map((part) => {
    if (part.kind === "text") return () => part.text;
    const reference = parseReference(part.expression);
    switch (reference.kind) {
      case "uuid":
        return (scope: ValueScope) => scope.uuid;
      case "capture":
        return (scope: ValueScope) => scope.captures.get(reference.name) ?? null;
      default:
        return values.reader(part.expression);
    }
  });
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  return (scope) => {
    let id = "";
    for (const part of parts) {
      const value = part(scope);
      if (value === null) return null;
      id += value;
    }
    return id;
  };
}
