import { NAME, RESERVED_NAMES } from "../../notation/template.js";
import type { Diagnostics } from "../diagnostics/diagnostic.js";
import type { MapNode, ScalarNode } from "../text/tree.js";

/** What `vars:` holds, by name. It complains about what can be no variable. */
export function declaredVars(root: MapNode, diagnostics: Diagnostics): Map<string, ScalarNode> {
  const declared = new Map<string, ScalarNode>();
  const vars = root.entries.get("vars")?.value;
  if (vars === undefined) return declared;
  if (vars.kind !== "map") {
    diagnostics.error("wrong-value", vars.span, "`vars` is a map of names to values");
    return declared;
  }
  for (const [name, { keySpan, value }] of vars.entries) {
    if (!NAME.test(name) || RESERVED_NAMES.some((reserved) => reserved === name)) {
      diagnostics.error(
        "wrong-value",
        keySpan,
        `\`${name}\` cannot be a variable's name`,
        `Use letters, digits, _ and -; ${RESERVED_NAMES.join(", ")} have a meaning of their own.`,
      );
    } else if (value.kind !== "scalar") {
      diagnostics.error("wrong-value", value.span, "a variable holds one text, number, true or false");
    } else declared.set(name, value);
  }
  return declared;
}
