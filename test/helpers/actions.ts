import type { FaultAction } from "../../src/faults/fault-action.js";
import { actionOfToxic } from "../../src/faults/kinds/toxic.js";
import { downAction, type ToxicSpec } from "../../src/faults/toxic.js";

/** One toxic on a proxy, downstream and for every connection unless `more` says otherwise. */
export function toxicOn(
  target: string,
  type: string,
  attributes: Readonly<Record<string, number>> = {},
  more: Partial<ToxicSpec> = {},
): FaultAction {
  return actionOfToxic(target, { type, stream: "downstream", toxicity: 1, attributes, ...more });
}

export const downOf = (target: string): FaultAction => downAction("down", target);
