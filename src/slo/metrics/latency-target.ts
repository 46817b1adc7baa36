import type { Slo } from "../slo.js";

/** A latency target in whole microseconds, as they are counted. @returns null when it is still relative. */
export function latencyTargetUs({ target }: Slo): number | null {
  return target.kind === "absolute" ? Math.round(target.value * 1000) : null;
}
