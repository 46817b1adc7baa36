import { baselineSlos, faultSlos, recoverySlos } from "../../analysis/slo/scope.js";
import { budgetOf } from "../../analysis/slo/slo-budget.js";
import { rangeOf, type SparseHistogram } from "../../measure/histogram.js";
import { OUTCOMES } from "../../measure/outcome.js";
import type { LiveNumbers } from "../../measure/run-in-progress.js";
import { scenarioName } from "../../plan/fault-round.js";
import type { PlannedPhase } from "../../plan/timeline.js";
import { metricOf } from "../../slo/metrics/index.js";
import type { Slo } from "../../slo/slo.js";
import type { LiveBudget, LivePhase } from "./live-model.js";

interface Counted {
  readonly slo: string;
  readonly allowedShare: number;
  /** null: however long they take. */
  readonly limitUs: number | null;
  slow: number;
}

/**
 * Counts how much of what its SLOs let fail has failed in the current phase. SLOs on one request name, on worst windows,
 * and on other answers than those that failed or were slow, are left to the report.
 */
export class PhaseBudgets {
  readonly #counted: readonly Counted[];
  #ended = 0;
  #failed = 0;

  /** `slos`: with the targets that the baseline gave. */
  constructor(slos: readonly Slo[], phase: LivePhase, planned: readonly PlannedPhase[]) {
    this.#counted = slosOf(slos, phase, planned).flatMap((slo) => {
      const isCounted = slo.request === null && slo.windowS === null && metricOf(slo.metric).bad === null;
      const budget = isCounted ? budgetOf(slo) : null;
      if (budget === null || budget.budget <= 0) return [];
      return [{ slo: slo.text, allowedShare: budget.budget, limitUs: budget.limitUs, slow: 0 }];
    });
  }

  add({ outcomes, latency }: LiveNumbers): void {
    const ended = OUTCOMES.reduce((sum, outcome) => sum + outcomes[outcome], 0);
    this.#ended += ended;
    this.#failed += ended - outcomes.ok;
    for (const each of this.#counted) {
      if (each.limitUs !== null) each.slow += countAbove(latency, each.limitUs);
    }
  }

  soFar(): LiveBudget[] {
    if (this.#ended === 0) return [];
    return this.#counted.map(({ slo, allowedShare, slow }) => {
      const badShare = (this.#failed + slow) / this.#ended;
      return { slo, allowedShare, badShare, used: badShare / allowedShare };
    });
  }
}

function slosOf(slos: readonly Slo[], { kind, fault }: LivePhase, planned: readonly PlannedPhase[]): Slo[] {
  if (kind === "baseline") return baselineSlos(slos);
  if (fault === null) return [];
  const name = scenarioName(fault, planned.find((phase) => phase.fault === fault)?.round);
  return kind === "fault" ? faultSlos(slos, name) : recoverySlos(slos, name);
}

function countAbove({ cells, counts }: SparseHistogram, limitUs: number): number {
  return cells.reduce((sum, cell, at) => (rangeOf(cell).fromUs > limitUs ? sum + (counts[at] ?? 0) : sum), 0);
}
