import type { FaultAction, FaultStage } from "../faults/fault-action.js";
import { actionsOf } from "../faults/kinds/index.js";
import type { FaultPlace } from "../faults/modifiers.js";
import { type NamedTargets, TARGET_KEYS, type TargetKey } from "../faults/target-key.js";
import type { FaultInput, InjectionInput } from "../scenario/schema/fault.js";

type InjectionSet = InjectionInput & { readonly inject?: readonly InjectionInput[] | undefined };

/** The actions from the fault's begin, and the later stages. */
export function buildActions(fault: FaultInput): {
  readonly actions: readonly FaultAction[];
  readonly stages: readonly FaultStage[];
} {
  const own = actionsOfSet(fault, []);
  const stages = (fault.stages ?? []).map((stage) => ({
    atMs: stage.at.ms,
    actions: actionsOfSet(stage, [fault]),
  }));
  const [first, ...later] = stages;
  if (first?.atMs === 0) return { actions: first.actions, stages: later };
  return { actions: own, stages };
}

/** `heirOf`: what it takes the targets from that it does not name. */
function actionsOfSet(set: InjectionSet, heirOf: readonly NamedTargets[]): readonly FaultAction[] {
  const inputs = [set, ...(set.inject ?? [])];
  return inputs.flatMap((input) => {
    const actions = actionsOf(input, firstNamed([input, set, ...heirOf]), howOf(input));
    // The checks refuse it earlier, with its place.
    if (actions.some((action) => action.target === ""))
      throw new Error("a fault does something, and not to whom");
    return actions;
  });
}

function firstNamed(owners: readonly NamedTargets[]): NamedTargets {
  const named: { [Key in TargetKey]?: string | undefined } = {};
  for (const key of TARGET_KEYS) named[key] = owners.find((owner) => owner[key] !== undefined)?.[key];
  return named;
}

/** How something is done, by the keys beside it. */
export function howOf({ stream, toxicity }: InjectionInput): Omit<FaultPlace, "target"> {
  return { stream: stream ?? "downstream", toxicity: toxicity?.ratio ?? 1 };
}
