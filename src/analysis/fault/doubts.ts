/** What keeps a fault's SLOs from being taken as they were measured: its proof, or a dependency that failed by itself. */

import type { FaultRecord, PhaseRecord, RunRecord } from "../../measure/record.js";
import type { SloResult } from "../document/report.js";
import { whyUpstreamDecides } from "../findings/upstreams.js";
import { ENDED_EARLY } from "../wording/wording.js";

/** @returns null when nothing that was measured is in doubt because of the proof: the fault touched something. */
export function whyUntrusted({ proof }: FaultRecord, { ending }: RunRecord): string | null {
  if (proof?.proven) return null;
  if (proof === null && ending.kind !== "completed") {
    return `${ENDED_EARLY[ending.kind]} before this fault was judged.`;
  }
  return `It could not be shown that the fault touched anything: ${proof?.explanation ?? "no proof was recorded."}`;
}

/**
 * Why no SLO can be said to have held under the fault: it is in place, and whether the system's traffic met it was not
 * seen. A broken SLO is one all the same. null: it was seen.
 */
export function whyUnseen(proof: FaultRecord["proof"]): string | null {
  if (!proof?.proven || proof.strength === "observed") return null;
  return `It held, but it was not seen that the system's traffic met the fault: ${proof.explanation}.`;
}

export interface Doubts {
  /** Why nothing here can be laid to the fault. */
  readonly untrusted: string | null;
  /** Why nothing can be said to have held. */
  readonly unseen: string | null;
  readonly during: PhaseRecord;
  readonly recovery: PhaseRecord | null;
}

/** The fault's SLOs as far as they can be laid to it. */
export function withDoubts(
  rows: readonly SloResult[],
  fault: FaultRecord,
  record: RunRecord,
  { untrusted, unseen, during, recovery }: Doubts,
): SloResult[] {
  const upstreamDecides = {
    baseline: null,
    fault: whyUpstreamDecides(during, record),
    recovery: recovery ? whyUpstreamDecides(recovery, record) : null,
  };
  return rows.map((slo): SloResult => {
    if (untrusted !== null) {
      if (slo.verdict === "not_run") return slo;
      const shared = { id: "not_proven", of: fault.name, own: "" } as const;
      return { ...slo, verdict: "invalid", reason: untrusted, shared };
    }
    const died = slo.verdict === "fail" ? upstreamDecides[slo.phase] : null;
    if (died !== null) {
      const reason = `What failed cannot be laid to the fault: ${died}`;
      return { ...slo, verdict: "invalid", reason, shared: undefined };
    }
    return unseen !== null && slo.verdict === "pass"
      ? { ...slo, verdict: "inconclusive", reason: unseen, shared: undefined }
      : slo;
  });
}
