import type { FaultReport, Report, SloResult } from "../../analysis/document/report.js";
import { tellingResult } from "../../analysis/document/telling-result.js";

/** The sentences that several SLOs share. One part of a report says each of them once. */
export class ToldReasons {
  readonly #told = new Set<string>();

  /** @param said results whose whole reason is already above. */
  constructor(said: readonly (SloResult | undefined)[] = []) {
    for (const slo of said) if (slo) this.news(slo);
  }

  /** The part of its reason that was not told yet. @returns "" when nothing is left. */
  news({ reason, shared }: SloResult): string {
    // Without `shared` the sentence is about this SLO alone, or the report is older.
    if (!shared) return reason;
    const key = JSON.stringify([shared.id, shared.of]);
    if (this.#told.has(key)) return shared.own;
    this.#told.add(key);
    return reason;
  }
}

/** Why rows are invalid, each shared reason once. @param said the SLO whose reason is above. */
export function untoldReasons(slos: readonly SloResult[], said: SloResult | undefined): readonly string[] {
  const told = new ToldReasons([said]);
  return slos
    .filter((slo) => slo.verdict === "invalid" && slo !== said)
    .map((slo) => told.news(slo))
    .filter(Boolean);
}

/** The SLO whose reason is the fault's own. @returns undefined when the fault's reason says something else. */
export function sloInReason({ verdict, slos }: FaultReport): SloResult | undefined {
  return verdict === "invalid" || verdict === "inconclusive" ? tellingResult(slos, verdict) : undefined;
}

/** Whether the run's own reason says the fault's. */
export function isInHeadline({ name }: FaultReport, { reasonFaults = [] }: Report): boolean {
  return reasonFaults.includes(name);
}

/**
 * The baseline's SLO whose reason is the run's own. @returns undefined when the run's reason is about a fault, or the
 * run passed.
 */
export function sloOfHeadline({ verdict, reasonFaults = [], baseline }: Report): SloResult | undefined {
  const isOpen = verdict === "invalid" || verdict === "inconclusive";
  return isOpen && reasonFaults.length === 0 ? tellingResult(baseline.slos, baseline.verdict) : undefined;
}

/** Whether the reason is already above the details of a fault: in the headline, or in the table of all faults. */
export function isToldAbove(fault: FaultReport, report: Report): boolean {
  switch (fault.verdict) {
    case "invalid":
    case "not_run":
      return true;
    case "inconclusive":
      return isInHeadline(fault, report);
    default:
      return false;
  }
}
