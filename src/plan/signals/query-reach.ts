import { signalKindOf } from "../../scenario/signals/kinds.js";
import type { SignalReads, SignalSpec } from "./signal-spec.js";

/** What is read by one signal, by its keys in the scenario. */
export function queriesOf(reads: SignalReads): Readonly<Record<string, string>> {
  return reads.of === "values" ? { value: reads.value } : { bad: reads.bad, total: reads.total };
}

/** A sample is of the time so long before it, by the ranges in its queries. 0: of that moment, or of the time since the last. */
export function reachMsOf({ source, reads }: Pick<SignalSpec, "source" | "reads">): number {
  const kind = signalKindOf(source.kind);
  return Math.max(0, ...Object.values(queriesOf(reads)).map((query) => kind?.reachMs?.(query) ?? 0));
}
