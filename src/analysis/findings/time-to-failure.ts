/** How long requests took to fail. */

import type { Json } from "../../faults/fault-action.js";
import { formatMs } from "../../support/format.js";
import type { PhaseView } from "../measurement/phase-view.js";

/** From so many failures on there is a p99. Of fewer, the slowest is told. */
const LEAST_FOR_P99 = 100;
/** The slowest failure took at most this much longer than half of them: one number tells all. */
const ALIKE = 1.05;

/** @returns null when none failed once it was sent, or when nobody counted how long it took. */
export function timesOfFailures(
  view: PhaseView,
): { readonly text: string; readonly facts: { readonly [fact: string]: Json } } | null {
  const failed = view.failed();
  const count = failed?.counts(null).scheduled ?? 0;
  const [p50, p99, max] = [0.5, 0.99, 1].map((q) => failed?.quantile(null, q) ?? null);
  if (typeof p50 !== "number" || typeof p99 !== "number" || typeof max !== "number") return null;
  const facts = { failedAfterP50Ms: p50, failedAfterP99Ms: p99, failedAfterMaxMs: max };
  if (count === 1) return { facts, text: `It took ${formatMs(max)} to fail.` };
  if (max <= ALIKE * p50) return { facts, text: `They took ${formatMs(max)} to fail.` };
  const upTo = count >= LEAST_FOR_P99 ? `p99 ${formatMs(p99)}` : `at most ${formatMs(max)}`;
  return { facts, text: `They took p50 ${formatMs(p50)}, ${upTo} to fail.` };
}
