import { countOf } from "../../support/count-of.js";
import { formatMs } from "../../support/format.js";
import type { InjectionProof, TargetProof } from "../proof.js";
import { type CertificateFlaw, isCertificateFlaw, TLS, type TlsFault } from "../tls-fault.js";
import type { HandshakeCounts } from "./terminator/handshakes.js";

/** What one fault did to the handshakes with one proxy. */
export interface TlsEvidence {
  readonly proxy: string;
  readonly fault: TlsFault;
  readonly handshakes: HandshakeCounts;
  /** Handshakes with the proxy while there was no such fault, in the whole run. */
  readonly earlier: number;
}

/** Each fault has to have met a handshake. */
export function proofOf(evidence: readonly TlsEvidence[]): InjectionProof {
  const missed = evidence.filter(({ handshakes }) => handshakes.met === 0);
  const told = missed.length > 0 ? missed.map(whyUnmet) : evidence.map(whatBecame);
  return {
    strength: missed.length > 0 ? "none" : "observed",
    proven: missed.length === 0,
    explanation: told.join("; "),
    targets: evidence.map(targetOf),
  };
}

function targetOf({ proxy, fault, handshakes }: TlsEvidence): TargetProof {
  return { driver: TLS, target: proxy, evidence: { fault, handshakes } };
}

function whyUnmet({ proxy, handshakes: { notTls }, earlier }: TlsEvidence): string {
  const url = `\${proxies.${proxy}.url}`;
  if (notTls > 0) {
    return `${countOf(notTls, "connection")} to ${proxy} spoke no TLS: is the service's address set from ${url}, which begins with https://?`;
  }
  return earlier === 0
    ? `no client ever began a TLS handshake with ${proxy}: is the service's address set from ${url}?`
    : `${countOf(earlier, "handshake")} with ${proxy} before, none while the fault was on: does the load still reach what uses it?`;
}

const SHOWN: Readonly<Record<CertificateFlaw, string>> = {
  expired: "the expired certificate",
  "wrong-name": "the certificate for another name",
  untrusted: "the certificate from an unknown authority",
};

function whatBecame({ proxy, fault, handshakes }: TlsEvidence): string {
  const { met, closed, open, wentOn, waitedMs } = handshakes;
  const count = countOf(met, "handshake");
  if (fault === "close") return `${count} with ${proxy} cut off`;
  if (!isCertificateFlaw(fault)) {
    const waited = waitedMs === null ? "" : ` after ${spanOf(waitedMs)}`;
    const gaveUp = closed > 0 ? [`${closed} given up${waited}`] : [];
    const waiting = open > 0 ? [`${open} still waiting`] : [];
    return [`${count} with ${proxy} not answered`, ...gaveUp, ...waiting].join(", ");
  }
  const refused = Object.entries(handshakes.alerts)
    .toSorted(([, a], [, b]) => b - a)
    .map(([alert, n]) => `${n} refused it (${alert})`);
  const parts = [
    ...refused,
    ...(closed > 0 ? [`${closed} closed the connection`] : []),
    ...(wentOn > 0 ? [`${wentOn} went on all the same`] : []),
    ...(open > 0 ? [`${open} had sent nothing yet`] : []),
  ];
  return `${count} with ${proxy} met ${SHOWN[fault]}: ${parts.join(", ")}`;
}

function spanOf({ least, most }: { readonly least: number; readonly most: number }): string {
  const [from, to] = [formatMs(least), formatMs(most)];
  return from === to ? from : `${from} to ${to}`;
}
