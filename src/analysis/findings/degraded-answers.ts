import type { PhaseView } from "../measurement/phase-view.js";
import { sum } from "../statistics/intervals.js";
import { type DegradedShare, degradedWords } from "../wording/degraded.js";
import { type FaultFacts, type Told, told } from "./finding.js";

interface DegradedCount {
  readonly answers: number;
  readonly due: number;
}

/** Also said where the service's fallback tells it. @returns null when no more answers were a fallback than before. */
export function moreDegraded({
  baseline,
  fault,
}: Pick<FaultFacts, "baseline" | "fault">): DegradedShare | null {
  const now = countOf(fault);
  const then = baseline && countOf(baseline);
  const before = then ? then.answers / then.due : 0;
  return now !== null && now.answers / now.due > before ? { ...now, before } : null;
}

export function degradedAnswers(facts: FaultFacts): Told | null {
  const more = moreDegraded(facts);
  const isTold = facts.patterns.some(
    ({ id, seen, facts: known }) => id === "fallback" && seen === "yes" && "degraded" in known,
  );
  if (more === null || isTold) return null;
  const words = degradedWords(more, (q) => facts.fault.degradedLatencies(null)?.quantile(q) ?? null);
  return told(words.text, words.facts);
}

/** @returns null when no request says which answers are a fallback, or none was due. */
function countOf(view: PhaseView): DegradedCount | null {
  const series = view.degraded(null);
  const due = series ? sum(series.due) : 0;
  return series && due > 0 ? { answers: sum(series.bad), due } : null;
}
