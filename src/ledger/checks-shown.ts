/** What the checks of a run mean for what its faults have shown. */

import type { CheckReport, Report, Verdict } from "../analysis/document/report.js";
import { brokenKinds } from "../measure/checks/broken-ids.js";
import type { RunRecord } from "../measure/record.js";
import { scenarioName } from "../plan/fault-round.js";
import type { CheckShown, LedgerLine } from "./ledger-line.js";

export function checksShown({ checks = [] }: Report, record: RunRecord): CheckShown[] {
  const nameOf = (fault: string) =>
    scenarioName(fault, record.faults.find(({ name }) => name === fault)?.round);
  return checks.map((check) => ({
    name: check.name,
    verdict: check.verdict,
    reason: check.reason,
    request: check.ids?.request ?? null,
    faults: [...new Set(faultsOf(check).map(nameOf))],
  }));
}

/** The faults in which it was broken. */
function faultsOf({ asked, ids }: CheckReport): readonly string[] {
  const asks = asked.filter(({ broken }) => broken > 0);
  const sent = ids === undefined ? [] : brokenKinds(ids).flatMap((kind) => ids[kind].sent);
  return [...asks, ...sent].flatMap(({ fault }) => fault ?? []);
}

/** What weighs on the evidence of a fault although its own SLOs may have held. */
export interface Weight {
  readonly verdict: Extract<Verdict, "fail" | "inconclusive">;
  readonly reason: string;
  /** null: all requests. */
  readonly request: string | null;
}

/**
 * What the checks of a run take from the evidence of one of its faults. A check that failed in faults which failed, too,
 * is their matter. One that failed anywhere else is everybody's: nobody knows what broke it.
 * @param fault null: the run as a whole.
 */
export function weightsOn(fault: string | null, line: LedgerLine): readonly Weight[] {
  const { checks, faults, baseline, verdict } = line;
  const isFailed = (name: string) => faults.some((one) => one.name === name && one.verdict === "fail");
  if (checks === undefined) {
    // An older line: only a check can have failed a run in which nothing else failed.
    return verdict === "fail" && baseline !== "fail" && !faults.some(({ name }) => isFailed(name))
      ? [{ verdict: "fail", reason: "The run failed, by a check.", request: null }]
      : [];
  }
  return checks.flatMap((check): Weight[] => {
    const { name, request } = check;
    const reason = `Check "${name}": ${check.reason}`;
    if (check.verdict === "invalid") return [{ verdict: "inconclusive", reason, request }];
    if (check.verdict !== "fail") return [];
    const carriers = check.faults.filter(isFailed);
    const weighs = fault === null || carriers.length === 0 || carriers.includes(fault);
    return weighs ? [{ verdict: "fail", reason, request }] : [];
  });
}
