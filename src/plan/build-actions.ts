import type { FaultAction, FaultStage } from "../faults/fault-action.js";
import { actionsOf } from "../faults/kinds/index.js";
import type { FaultPlace } from "../faults/modifiers.js";
import type { FaultInput, InjectionInput } from "../scenario/schema/fault.js";

type InjectionSet = InjectionInput & { readonly inject?: readonly InjectionInput[] | undefined };

/** What holds from the fault's begin, and the later stages. */
export function buildActions(fault: FaultInput): {
  readonly actions: readonly FaultAction[];
  readonly stages: readonly FaultStage[];
} {
  const own = actionsOfSet(fault, fault.proxy);
  const stages = (fault.stages ?? []).map((stage) => ({
    atMs: stage.at.ms,
    actions: actionsOfSet(stage, fault.proxy),
  }));
  const [first, ...later] = stages;
  if (first?.atMs === 0) return { actions: first.actions, stages: later };
  return { actions: own, stages };
}

function actionsOfSet(set: InjectionSet, inherited: string | undefined): readonly FaultAction[] {
  const inputs = [set, ...(set.inject ?? [])];
  return inputs.flatMap((input) => {
    // The only key for a target that kinds do not bring themselves.
    const target = input.proxy ?? set.proxy ?? inherited;
    const actions = actionsOf(input, placeOf(target ?? "", input));
    // The checks have refused it before, with its place.
    if (actions.some((action) => action.target === ""))
      throw new Error("a fault does something, and not to whom");
    return actions;
  });
}

/** Where something acts, and how, by the keys beside it. */
export function placeOf(target: string, { stream, toxicity }: InjectionInput): FaultPlace {
  return { target, stream: stream ?? "downstream", toxicity: toxicity?.ratio ?? 1 };
}
