import { countOf } from "../../support/count-of.js";
import type { InjectionProof } from "../proof.js";
import { type TlsEvidence, tellHandshakes, tlsTarget } from "../tls-evidence.js";

/** What was seen of one proxy in one stage of a fault. */
export interface HandshakeStage extends TlsEvidence {
  /** Handshakes with the proxy in the whole run, while no such fault was in place. */
  readonly earlier: number;
  /** HTTP is spoken in it, so that services may be told the proxy by its URL. */
  readonly isHttp: boolean;
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

function whyUnmet({ proxy, handshakes: { notTls }, earlier, isHttp }: HandshakeStage): string {
  const url = `\${proxies.${proxy}.${isHttp ? "url" : "listen"}}`;
  if (notTls > 0) {
    const question = isHttp
      ? `is the service's address set from ${url}, which begins with https://?`
      : "is the service set to speak TLS there?";
    return `${countOf(notTls, "connection")} to ${proxy} spoke no TLS: ${question}`;
  }
  return earlier === 0
    ? `no client ever began a TLS handshake with ${proxy}: is the service's address set from ${url}?`
    : `${countOf(earlier, "handshake")} with ${proxy} before, none while the fault was on: does the load still reach what uses it?`;
}
