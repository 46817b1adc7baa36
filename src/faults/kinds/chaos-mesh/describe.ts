import { isMap } from "../../../quantities/valid-parts.js";
import type { FaultAction } from "../../fault-action.js";
import { chaosSpecOf } from "./chaos-action.js";

/** "NetworkChaos delay on app=payments in shop", of each action. */
export function describeChaos(actions: readonly FaultAction[]): string {
  return actions
    .map((action) => {
      const chaos = chaosSpecOf(action);
      if (chaos === null) return action.kind;
      const { kind, namespace, spec } = chaos;
      // Kinds with one thing to do have no `action`.
      const what = typeof spec.action === "string" ? ` ${spec.action}` : "";
      return `${kind}${what} on ${chosenShown(spec.selector)} in ${namespace}`;
    })
    .join(", ");
}

function chosenShown(selector: unknown): string {
  const labels = isMap(selector) && isMap(selector.labelSelectors) ? selector.labelSelectors : {};
  const shown = Object.entries(labels).map(([label, value]) => `${label}=${String(value)}`);
  return shown.length > 0 ? shown.join(",") : "the pods of its selector";
}
