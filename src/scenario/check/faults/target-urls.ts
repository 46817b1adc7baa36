import { TARGET_URLS } from "../../../faults/kinds/index.js";
import type { Span } from "../../text/source.js";
import type { TreePath } from "../../text/tree.js";
import type { CheckContext } from "../context.js";

/** The URLs that faults act on, each with its place. */
export function targetUrls(context: CheckContext): readonly (readonly [Span, string])[] {
  return injectionsBelow(context, ["faults"]).flatMap((path) =>
    TARGET_URLS.flatMap((way) => {
      const node = context.node(...path, ...way);
      if (node?.kind !== "scalar" || typeof node.value !== "string") return [];
      return [[node.span, node.text] as const];
    }),
  );
}

/** The paths of all faults, of their stages and of the parts of both. */
function injectionsBelow(context: CheckContext, list: TreePath): readonly TreePath[] {
  const node = context.node(...list);
  if (node?.kind !== "seq") return [];
  return [...node.items.keys()].flatMap((index) => {
    const path = [...list, index];
    return [
      path,
      ...injectionsBelow(context, [...path, "inject"]),
      ...injectionsBelow(context, [...path, "stages"]),
    ];
  });
}
