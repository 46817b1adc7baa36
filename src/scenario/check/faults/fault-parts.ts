import type { FaultKind } from "../../../faults/fault-kind.js";
import { FAULT_KINDS } from "../../../faults/kinds/index.js";
import type { ValidParts } from "../../../quantities/valid-parts.js";
import type { FaultInput, InjectionInput } from "../../schema/fault.js";
import type { TreePath } from "../../text/tree.js";
import type { CheckContext } from "../context.js";

type Part = ValidParts<InjectionInput>;
type PartSet = Part & { readonly inject?: readonly (Part | undefined)[] | undefined };

export interface FaultPart {
  readonly kind: FaultKind;
  readonly input: Part;
  readonly at: TreePath;
}

/** Wherever a fault, a stage of it or a part of either has the key of a kind that is wanted. */
export function faultParts(
  context: CheckContext,
  isWanted: (kind: FaultKind) => boolean,
): readonly FaultPart[] {
  const faults: readonly (ValidParts<FaultInput> | undefined)[] = context.parts.valid.faults ?? [];
  const sets = faults.flatMap((fault, index): readonly (readonly [PartSet | undefined, TreePath])[] => [
    [fault, ["faults", index]],
    ...(fault?.stages ?? []).map((stage, number) => [stage, ["faults", index, "stages", number]] as const),
  ]);
  const inputs = sets.flatMap(([set, path]): readonly (readonly [Part | undefined, TreePath])[] => [
    [set, path],
    ...(set?.inject ?? []).map((input, number) => [input, [...path, "inject", number]] as const),
  ]);
  const wanted = FAULT_KINDS.filter(isWanted);
  return inputs.flatMap(([input, at]) =>
    wanted
      .filter((kind) => context.has(...at, kind.name))
      .map((kind): FaultPart => ({ kind, input: input ?? {}, at })),
  );
}
