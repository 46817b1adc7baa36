/** A proof by the requests that a proxy has counted, whoever made the proxy. */

import type { ActedOn, InjectionProof, TargetProof } from "../proof.js";
import { saidBy, type ToldNote } from "../proof-note.js";

/** With fewer expected, it may be chance that none was chosen. */
const SURELY_SOME = 5;

/** What the counts say of one part of a fault. */
export interface JudgedPart {
  /** `listed`: the proxy's configuration has it, and nothing shows that a request met it. */
  readonly strength: "observed" | "listed" | "none";
  /** Whether it is not proven only because too few requests came. */
  readonly isIdle: boolean;
  readonly note: ToldNote;
  readonly acted: ActedOn | null;
}

/** It acted on so many of these requests. */
export function actedPart(note: ToldNote, acted: number, requests: number): JudgedPart {
  return {
    strength: "observed",
    isIdle: false,
    note,
    acted: { connections: acted, of: requests, unit: "request" },
  };
}

export function unprovenPart(note: ToldNote, isIdle = false): JudgedPart {
  return { strength: "none", isIdle, note, acted: null };
}

export function listedPart(note: ToldNote): JudgedPart {
  return { strength: "listed", isIdle: false, note, acted: null };
}

/** Whether a fault with this share (0..1) may have chosen none of so many requests. */
export function mayChooseNone(requests: number, share: number): boolean {
  return requests * share < SURELY_SOME;
}

/** A fault is as well proven as the part of it that is proven least. */
export function countedProof(judged: readonly JudgedPart[], targets: readonly TargetProof[]): InjectionProof {
  const missing = judged.filter(({ strength }) => strength === "none");
  const listed = judged.filter(({ strength }) => strength === "listed");
  const proven = judged.length > 0 && missing.length === 0;
  const telling = [missing, listed, judged].find((parts) => parts.length > 0);
  const [least] = judged
    .flatMap(({ acted }) => acted ?? [])
    .toSorted((a, b) => a.connections / a.of - b.connections / b.of);
  return {
    strength: proven ? (listed.length > 0 ? "listed" : "observed") : "none",
    proven,
    ...(telling === undefined ? { explanation: "no injection" } : saidBy(telling.map(({ note }) => note))),
    acted: proven ? (least ?? null) : null,
    isIdle: missing.length > 0 && missing.every(({ isIdle }) => isIdle),
    targets,
  };
}
