import { formatSeconds } from "../support/format.js";
import type { FaultAction, FaultStage } from "./fault-action.js";
import { kindNamed } from "./kinds/index.js";

/** All actions of a moment in a user's words: "latency 300 ms ± 50 ms on cache, connections refused on database". */
export function describeActions(actions: readonly FaultAction[]): string {
  if (actions.length === 0) return "nothing";
  return told(actions)
    .map((group) => describeGroup(group))
    .join(", ");
}

/** A whole fault: "latency 20 ms on cache; after 3 s: nothing; after 6 s: latency 80 ms on cache". */
export function describeFault(actions: readonly FaultAction[], stages: readonly FaultStage[]): string {
  const later = stages.map(
    (stage) => `after ${formatSeconds(stage.atMs / 1000, EXACT)}: ${describeActions(stage.actions)}`,
  );
  return [describeActions(actions), ...later].join("; ");
}

/** Digits: what a user wrote is not rounded. */
const EXACT = 9;

/** Actions that are told as one have the place of the first of them. */
function told(actions: readonly FaultAction[]): readonly (readonly FaultAction[])[] {
  const groups: FaultAction[][] = [];
  for (const action of actions) {
    const isTogether = kindNamed(action.kind)?.isToldTogether === true;
    const group = isTogether ? groups.find(([first]) => first?.kind === action.kind) : undefined;
    if (group) group.push(action);
    else groups.push([action]);
  }
  return groups;
}

/** A record may hold a kind that this version does not know. */
function describeGroup(actions: readonly FaultAction[]): string {
  const kind = kindNamed(actions[0]?.kind ?? "");
  if (kind) return kind.describe(actions);
  return actions
    .map(({ kind: name, target, spec }) => `${name} ${JSON.stringify(spec)} on ${target}`)
    .join(", ");
}
