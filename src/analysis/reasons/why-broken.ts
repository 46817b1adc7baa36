import type { Reason, SloResult } from "../document/report.js";
import { changeOf } from "../wording/what-became.js";
import { reason } from "./reasons.js";

/** What the value was, what it became and what was promised, then how many requests that were. */
export function whyBroken(slo: SloResult, timeoutMs: number): readonly Reason[] {
  const change = changeOf(slo, timeoutMs);
  const own = slo.because ?? [];
  if (change === null) return [reason("slo_did_not_hold", { slo: slo.expect }), ...own];
  const changed = reason("slo_changed", change);
  // A time that was seen is all that there is to say.
  return slo.unit === "s" && !slo.censored ? [changed] : [changed, ...own];
}
