/** How long acknowledged work took until it was stored: in the baseline, in each fault, and after it. */

import type { CheckRecord } from "../../measure/checks/check-record.js";
import type { CompletionPhase, CompletionRange, CompletionReport } from "../document/completion-part.js";
import type { PhaseView } from "../measurement/phase-view.js";

/** @returns null for a check that does not look again and again. */
export function completionReport(
  { name, looks }: Pick<CheckRecord, "name" | "looks">,
  views: readonly PhaseView[],
): CompletionReport | null {
  return looks === undefined
    ? null
    : { looks, phases: views.flatMap((view) => completionPhase(name, view) ?? []) };
}

function completionPhase(check: string, view: PhaseView): CompletionPhase | null {
  const { id, kind, fault, round } = view.record;
  const found = view.completions(check);
  if (found === null || kind === "warmup") return null;
  const range = (q: number): CompletionRange => ({
    atLeast: found.quantile(q, "at_least"),
    atMost: found.quantile(q, "at_most"),
  });
  return {
    phase: id,
    when: kind,
    fault,
    ...(round === undefined ? {} : { round }),
    acknowledged: found.acknowledged,
    never: found.never,
    p50: range(0.5),
    p95: range(0.95),
    p99: range(0.99),
    max: range(1),
  };
}
