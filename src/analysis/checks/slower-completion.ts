/** The finding that a fault made acknowledged work wait longer until it was stored. */

import type { CheckReport } from "../document/report.js";
import { type Told, told } from "../findings/finding.js";
import type { PhaseView } from "../measurement/phase-view.js";
import { compareWithBaseline } from "../statistics/difference.js";
import { slowerCompletion } from "../wording/completion-sentences.js";

/**
 * More ids than in the baseline surely took longer than nearly all of the baseline did at most.
 * @returns null when that cannot be said.
 */
export function slowerCompletionFinding(
  { name, ids, completion }: CheckReport,
  baseline: PhaseView | null,
  during: PhaseView | null,
): Told | null {
  const [before, now] = [baseline?.completions(name) ?? null, during?.completions(name) ?? null];
  const usualMs = before?.quantile(0.95, "at_most") ?? null;
  if (before === null || now === null || typeof usualMs !== "number") return null;
  const { degraded } = compareWithBaseline(
    before.series(usualMs, "at_most"),
    now.series(usualMs, "at_least"),
  );
  const phaseOf = (view: PhaseView | null) =>
    completion?.phases.find(({ phase }) => phase === view?.record.id);
  const [base, fault] = [phaseOf(baseline), phaseOf(during)];
  if (!degraded || base === undefined || fault === undefined || ids === undefined) return null;
  const facts = {
    check: name,
    request: ids.request,
    baselineP95Ms: { ...base.p95 },
    p95Ms: { ...fault.p95 },
    never: fault.never,
    acknowledged: fault.acknowledged,
  };
  return told(slowerCompletion(ids.request, base, fault), facts);
}
