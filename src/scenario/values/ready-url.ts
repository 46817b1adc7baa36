import type { ValidParts } from "../../quantities/valid-parts.js";
import type { ScenarioData } from "../schema/scenario.js";
import type { TreePath } from "../text/tree.js";

type Ready = ScenarioData["services"][string]["ready"];

/** The URL that a service is ready at, with its place below the service. null: its `ready` has none. */
export function readyUrl(ready: ValidParts<Ready>): { readonly url: string; readonly at: TreePath } | null {
  if (typeof ready === "string") return { url: ready, at: ["ready"] };
  return ready?.url === undefined ? null : { url: ready.url, at: ["ready", "url"] };
}
