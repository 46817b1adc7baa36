/** What clients did about faults of TLS handshakes. */

import type { TargetProof } from "../../../faults/proof.js";
import { FLAWED, tellHandshakes, tlsEvidenceOf } from "../../../faults/tls-evidence.js";
import { isCertificateFlaw } from "../../../faults/tls-fault.js";
import { formatCount } from "../../../support/format.js";
import { countOf, sentence } from "../../wording/wording.js";
import { type Told, told } from "../finding.js";

/** @returns null when the fault was none of handshakes. */
export function handshakesTold(targets: readonly TargetProof[]): Told | null {
  const seen = targets.flatMap((target) => tlsEvidenceOf(target) ?? []);
  if (seen.length === 0) return null;
  return told(sentence(seen.map(tellHandshakes).join("; ")), {
    handshakes: seen.map(({ proxy, fault, handshakes }) => ({ proxy, fault, ...handshakes })),
  });
}

/** A client that sends its request over a flawed certificate does not look at it: that is worth a line of its own. */
export function acceptedCertificates(targets: readonly TargetProof[]): Told[] {
  return targets.flatMap((target) => {
    const seen = tlsEvidenceOf(target);
    if (!seen || !isCertificateFlaw(seen.fault) || seen.handshakes.wentOn === 0) return [];
    const { proxy, fault, handshakes } = seen;
    const { met, wentOn } = handshakes;
    const text =
      `A client of ${proxy} accepted the ${FLAWED[fault]} in ${formatCount(wentOn)} of ${countOf(met, "handshake")}, and sent its requests. ` +
      "It does not verify certificates: whoever stands between the two can read and change what they say.";
    return [told(text, { proxy, fault, wentOn, met })];
  });
}
