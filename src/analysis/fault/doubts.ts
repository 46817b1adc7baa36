/** What keeps a fault's SLOs from counting as measured: its proof, or a dependency that failed by itself. */

import type { FaultRecord, PhaseRecord, RunRecord } from "../../measure/record.js";
import type { Reason, SloResult } from "../document/report.js";
import { whyUpstreamDecides } from "../findings/upstreams.js";
import { because, reason } from "../reasons/reasons.js";

/**
 * Why nothing that was measured can be trusted, as far as the proof says. @returns null when the fault did
 * what was asked.
 */
export function whyUntrusted({ proof }: FaultRecord, { ending }: RunRecord): Reason | null {
  if (proof?.proven) return null;
  if (proof === null && ending.kind !== "completed") {
    return reason("ended_before_proof", { ending: ending.kind });
  }
  return reason("not_proven", { explanation: proof?.explanation ?? "no proof was recorded." });
}

/**
 * Why no SLO can be said to have held: the fault was in place, but nobody saw whether the system's traffic met it. A
 * broken SLO counts all the same. @returns null when it was seen.
 */
export function whyUnseen(proof: FaultRecord["proof"]): Reason | null {
  if (!proof?.proven || proof.strength === "observed") return null;
  return reason("traffic_unseen", { explanation: proof.explanation });
}

export interface Doubts {
  /** Why nothing here can be blamed on the fault. */
  readonly untrusted: Reason | null;
  /** Why nothing can be said to have held. */
  readonly unseen: Reason | null;
  readonly during: PhaseRecord;
  readonly recovery: PhaseRecord | null;
}

/** The fault's SLOs, changed where they cannot be blamed on the fault. */
export function withDoubts(
  rows: readonly SloResult[],
  fault: FaultRecord,
  record: RunRecord,
  { untrusted, unseen, during, recovery }: Doubts,
): SloResult[] {
  const upstreamDecides = {
    baseline: [],
    fault: whyUpstreamDecides(during, record),
    recovery: recovery ? whyUpstreamDecides(recovery, record) : [],
  };
  return rows.map((slo): SloResult => {
    if (untrusted !== null) {
      if (slo.verdict === "not_run") return slo;
      const shared = { id: "not_proven", of: fault.name, own: "" } as const;
      return { ...slo, verdict: "invalid", ...because(untrusted), shared };
    }
    const died = slo.verdict === "fail" ? upstreamDecides[slo.phase] : [];
    if (died.length > 0) {
      const why = because(reason("failed_by_itself", {}), ...died);
      return { ...slo, verdict: "invalid", ...why, shared: undefined };
    }
    return unseen !== null && slo.verdict === "pass"
      ? { ...slo, verdict: "inconclusive", ...because(unseen), shared: undefined }
      : slo;
  });
}
