import type { InjectionProof } from "../proof.js";
import { notesOf, saidBy, type ToldNote } from "../proof-note.js";
import { type TlsEvidence, tlsTarget } from "../tls-evidence.js";
import { proofNotes } from "./proof-notes.js";

const note = notesOf(proofNotes);

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
  const notes = missed.length > 0 ? missed.map(whyUnmet) : stages.map(handshakesTold);
  return {
    strength: missed.length > 0 ? "none" : "observed",
    proven: missed.length === 0,
    ...saidBy(notes),
    targets: stages.map(tlsTarget),
  };
}

function handshakesTold({ proxy, fault, handshakes }: HandshakeStage): ToldNote {
  return note("handshakes", { proxy, fault, handshakes });
}

function whyUnmet({ proxy, handshakes: { notTls }, earlier, isHttp }: HandshakeStage): ToldNote {
  return notTls > 0
    ? note("no_tls", { proxy, isHttp, connections: notTls })
    : note("no_handshake", { proxy, isHttp, earlier });
}
