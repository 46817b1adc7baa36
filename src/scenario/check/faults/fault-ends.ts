import type { FaultKind } from "../../../faults/fault-kind.js";
import { FAULT_KINDS } from "../../../faults/kinds/index.js";
import type { ValidParts } from "../../../quantities/valid-parts.js";
import type { FaultInput, InjectionInput } from "../../schema/fault.js";
import type { TreePath } from "../../text/tree.js";
import type { CheckContext } from "../context.js";
import { saidAt } from "./injections.js";

type SetParts = ValidParts<InjectionInput> & {
  readonly inject?: readonly (ValidParts<InjectionInput> | undefined)[] | undefined;
};

/** What ends by itself has to do so while it is in place. `roomMs`: how long that is. */
export function checkEndsInTime(context: CheckContext, set: SetParts, path: TreePath, roomMs: number): void {
  for (const { kind, input, at } of partsOf(set, path)) {
    const end = kind.endsItself?.(input) ?? null;
    if (end === null || end.afterMs < roomMs) continue;
    context.diagnostics.error(
      "conflict",
      context.at(...at, ...(end.within === undefined ? [] : [end.within]), end.key),
      `this comes ${end.afterMs / 1000} s after \`${kind.name}\`, which is over before: it lasts ${roomMs / 1000} s`,
      `Give the fault a longer \`duration\`, or a shorter \`${end.key}\`.`,
    );
  }
}

/** What cannot be taken out is still done in all that comes later. */
export function checkStaysDone(context: CheckContext): void {
  const { faults = [], repeat = 1 } = context.parts.valid;
  for (const [index, fault] of faults.entries()) {
    if (!fault) continue;
    const isLast = index === faults.length - 1 && repeat === 1 && (fault.repeat ?? 1) === 1;
    if (isLast) continue;
    const path = ["faults", index];
    const sets: readonly (readonly [SetParts | undefined, TreePath])[] = [
      [fault, path],
      ...(fault.stages ?? []).map((stage, number) => [stage, [...path, "stages", number]] as const),
    ];
    for (const { kind, input, at } of sets.flatMap(([set, place]) => (set ? partsOf(set, place) : []))) {
      if (!kind.staysDone?.(input, saidAt(context, at))) continue;
      context.diagnostics.warning(
        "suspicious",
        context.key(...at, kind.name),
        `nothing undoes this \`${kind.name}\`: all that comes after this fault is measured with it`,
        "Write restart: 10s beside it, or make this the last fault.",
      );
    }
  }
}

interface Part {
  readonly kind: FaultKind;
  readonly input: ValidParts<InjectionInput>;
  readonly at: TreePath;
}

/** Each kind with all that is in place at one time. */
function partsOf(set: SetParts | ValidParts<FaultInput>, path: TreePath): readonly Part[] {
  const inputs: readonly (readonly [ValidParts<InjectionInput> | undefined, TreePath])[] = [
    [set, path],
    ...(set.inject ?? []).map((input, number) => [input, [...path, "inject", number]] as const),
  ];
  return inputs.flatMap(([input, at]) =>
    input ? FAULT_KINDS.map((kind): Part => ({ kind, input, at })) : [],
  );
}
