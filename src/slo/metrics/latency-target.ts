import type { Slo } from "../slo.js";

/** A latency target in whole microseconds, as they are counted; null: it is relative still. */
export function latencyTargetUs({ target }: Slo): number | null {
  return target.kind === "absolute" ? Math.round(target.value * 1000) : null;
}
