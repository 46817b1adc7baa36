/** What keeps a fault's SLOs from counting as measured: its proof, or a dependency that failed by itself. */

import type { FaultRecord, PhaseRecord, RunRecord } from "../../measure/record.js";
import type { SloResult } from "../document/report.js";
import { whyUpstreamDecides } from "../findings/upstreams.js";
import { ENDED_EARLY } from "../wording/wording.js";

/**
 * Why nothing that was measured can be trusted, as far as the proof says. @returns null when the fault touched
 * something.
 */
export function whyUntrusted({ proof }: FaultRecord, { ending }: RunRecord): string | null {
  if (proof?.proven) return null;
  if (proof === null && ending.kind !== "completed") {
    return `${ENDED_EARLY[ending.kind]} before this fault was judged.`;
  }
  return `It could not be shown that the fault touched anything: ${proof?.explanation ?? "no proof was recorded."}`;
}

/**
 * Why no SLO can be said to have held: the fault was in place, but nobody saw whether the system's traffic met it. A
 * broken SLO counts all the same. @returns null when it was seen.
 */
export function whyUnseen(proof: FaultRecord["proof"]): string | null {
  if (!proof?.proven || proof.strength === "observed") return null;
  return `It held, but it was not seen that the system's traffic met the fault: ${proof.explanation}.`;
}

export interface Doubts {
  /** Why nothing here can be blamed on the fault. */
  readonly untrusted: string | null;
  /** Why nothing can be said to have held. */
  readonly unseen: string | null;
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
