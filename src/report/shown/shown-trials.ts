import type { FaultReport, PhaseReport, Report } from "../../analysis/document/report.js";
import { lessIsWorse } from "../../analysis/fault/search-report.js";
import { formatCount, formatValue } from "../../support/format.js";
import { VERDICT_WORDS, type VerdictWords } from "./verdict-words.js";

/** One trial of a search for the breaking point. */
export interface ShownTrial {
  /** "250 ms" */
  readonly strength: string;
  readonly verdict: keyof typeof VERDICT_WORDS;
  readonly words: VerdictWords;
  readonly phase: PhaseReport;
  readonly p99: string;
  readonly available: string;
}

/** A search's trials from the mildest to the most severe. [] for a fault that is no search. */
export function trialsOf({ search }: FaultReport, { phases }: Report): ShownTrial[] {
  if (search === null) return [];
  const sign = lessIsWorse(search) ? -1 : 1;
  return [...search.trials]
    .sort((a, b) => sign * (a.value - b.value))
    .flatMap(({ value, phase: id, verdict: text }): ShownTrial[] => {
      const phase = phases.find((one) => one.id === id);
      if (!phase) return [];
      const verdict = isVerdict(text) ? text : "inconclusive";
      return [
        {
          strength: `${formatCount(value)} ${search.unit}`,
          verdict,
          words: VERDICT_WORDS[verdict],
          phase,
          p99: formatValue(phase.latencyMs.p99, "ms"),
          available: formatValue(phase.availability, "ratio"),
        },
      ];
    });
}

function isVerdict(text: string): text is keyof typeof VERDICT_WORDS {
  return Object.hasOwn(VERDICT_WORDS, text);
}
