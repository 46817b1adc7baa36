import { countOf } from "../../support/count-of.js";
import type { InjectionProof } from "../proof.js";
import { type TlsEvidence, tellHandshakes, tlsTarget } from "../tls-evidence.js";

/** What was seen of one proxy in one stage of a fault. */
export interface HandshakeStage extends TlsEvidence {
  /** Handshakes with the proxy in the whole run, while no such fault was in place. */
  readonly earlier: number;
}

/** A fault is proven when it met at least one handshake. */
export function handshakeProof(stages: readonly HandshakeStage[]): InjectionProof {
  const missed = stages.filter(({ handshakes }) => handshakes.met === 0);
  const told = missed.length > 0 ? missed.map(whyUnmet) : stages.map(tellHandshakes);
  return {
    strength: missed.length > 0 ? "none" : "observed",
    proven: missed.length === 0,
    explanation: told.join("; "),
    targets: stages.map(tlsTarget),
  };
}

function whyUnmet({ proxy, handshakes: { notTls }, earlier }: HandshakeStage): string {
  const url = `\${proxies.${proxy}.url}`;
  if (notTls > 0) {
    return `${countOf(notTls, "connection")} to ${proxy} spoke no TLS: is the service's address set from ${url}, which begins with https://?`;
  }
  return earlier === 0
    ? `no client ever began a TLS handshake with ${proxy}: is the service's address set from ${url}?`
    : `${countOf(earlier, "handshake")} with ${proxy} before, none while the fault was on: does the load still reach what uses it?`;
}
