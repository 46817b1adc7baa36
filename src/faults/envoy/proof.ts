/** What Envoys have counted of a fault, as a proof says it. */

import { isFarFewer } from "../between/far-fewer.js";
import type { InjectionProof } from "../proof.js";
import { notesOf, saidBy, type ToldNote } from "../proof-note.js";
import type { ManagerCounters } from "./admin/counters.js";
import type { EnvoyPart } from "./envoy-part.js";
import { proofNotes } from "./proof-notes.js";

const note = notesOf(proofNotes);

/** Why what an Envoy has counted proves nothing. Times count from when the fault was put in place. */
export type EnvoyTrouble =
  /** The runtime has nothing of the run any more. */
  | { readonly id: "lost"; readonly afterS: number }
  | { readonly id: "changed"; readonly afterS: number; readonly key: string; readonly to: string }
  | { readonly id: "counters_reset" }
  | { readonly id: "silent"; readonly why: string };

/** What one part of a fault came to, in one of its stages. */
export interface PartSeen {
  readonly part: EnvoyPart;
  /** By `stat_prefix`: since the part was put in place. */
  readonly counted: ReadonlyMap<string, ManagerCounters>;
  /** The same from the begin of the baseline to the first fault. Empty: not known. */
  readonly before: ReadonlyMap<string, ManagerCounters>;
}

/** What was seen of one Envoy. */
export interface EnvoySeen {
  /** As the action names it. */
  readonly target: string;
  readonly words: string;
  readonly parts: readonly PartSeen[];
  readonly trouble: EnvoyTrouble | null;
}

interface JudgedPart {
  readonly isProven: boolean;
  readonly isIdle: boolean;
  readonly note: ToldNote;
  readonly acted: { readonly connections: number; readonly of: number; readonly unit: "request" } | null;
}

/** With fewer expected, it may be chance that none was chosen. */
const SURELY_SOME = 5;

export function envoyProof(seen: readonly EnvoySeen[]): InjectionProof {
  const judged = seen.flatMap(judge);
  const missing = judged.filter(({ isProven }) => !isProven);
  const proven = judged.length > 0 && missing.length === 0;
  const telling = proven ? judged : missing;
  const [least] = judged
    .flatMap(({ acted }) => acted ?? [])
    .toSorted((a, b) => a.connections / a.of - b.connections / b.of);
  return {
    strength: proven ? "observed" : "none",
    proven,
    ...(telling.length === 0 ? { explanation: "no injection" } : saidBy(telling.map((each) => each.note))),
    acted: proven ? (least ?? null) : null,
    isIdle: !proven && missing.every(({ isIdle }) => isIdle),
    targets: seen.map(({ target, parts, trouble }) => ({
      driver: "envoy",
      target,
      evidence: {
        trouble: trouble === null ? null : { ...trouble },
        parts: parts.map(({ part: { does, share, restrictions }, counted }) => ({
          does,
          share,
          restrictions,
          managers: [...counted].map(([statPrefix, counts]) => ({ statPrefix, ...counts })),
        })),
      },
    })),
  };
}

function judge({ words, parts, trouble }: EnvoySeen): readonly JudgedPart[] {
  if (trouble === null) return parts.map((part) => judgePart(words, part));
  return [{ isProven: false, isIdle: false, note: troubleNote(words, trouble), acted: null }];
}

function judgePart(envoy: string, { part, counted, before }: PartSeen): JudgedPart {
  const { does, share, spec, restrictions } = part;
  const requests = totalOf(counted, "requests");
  const acted = totalOf(counted, does === "abort" ? "aborts" : "delays");
  const overflows = totalOf(counted, "overflows");
  const facts = { envoy, managers: [...counted.keys()], requests };
  const did = does === "abort" ? "aborted" : "delayed";
  const none = (said: ToldNote, isIdle = false): JudgedPart => {
    return { isProven: false, isIdle, note: said, acted: null };
  };
  const actedBefore = totalOf(before, does === "abort" ? "aborts" : "delays");
  if (actedBefore > 0) {
    const then = { ...facts, requests: totalOf(before, "requests"), acted: actedBefore };
    return none(note("envoy_acted_before", { ...then, did }));
  }
  if (acted > 0) {
    // One without an answer yet may be held, and be aborted after that.
    const isLess = isFarFewer(acted, requests - totalOf(counted, "open"), share);
    if (isLess && overflows > 0) return none(note("envoy_overflow", { ...facts, did, acted, overflows }));
    if (isLess && restrictions.length === 0)
      return none(note("envoy_met_few", { ...facts, did, acted, asked: share }));
    // A request that began before is counted when the fault meets it.
    const of = Math.max(requests, acted);
    const { status = 0, grpc: isGrpc = false } = spec.abort ?? {};
    const all = { ...facts, requests: of, acted, asked: isLess ? share : null, restrictions, overflows };
    const said =
      does === "abort"
        ? note("envoy_aborted", { ...all, status, isGrpc })
        : note("envoy_delayed", { ...all, delayMs: spec.delay?.ms ?? 0 });
    return { isProven: true, isIdle: false, note: said, acted: { connections: acted, of, unit: "request" } };
  }
  if (requests === 0) return none(note("envoy_no_request", facts));
  if (overflows > 0) return none(note("envoy_overflow", { ...facts, did, acted, overflows }));
  if (requests * share < SURELY_SOME) return none(note("envoy_chose_none", { ...facts, did, share }), true);
  return none(note("envoy_met_none", { ...facts, did }));
}

function totalOf(counted: ReadonlyMap<string, ManagerCounters>, field: keyof ManagerCounters): number {
  return [...counted.values()].reduce((sum, counts) => sum + counts[field], 0);
}

function troubleNote(envoy: string, trouble: EnvoyTrouble): ToldNote {
  switch (trouble.id) {
    case "lost":
      return note("envoy_runtime_lost", { envoy, afterS: trouble.afterS });
    case "changed":
      return note("envoy_runtime_changed", {
        envoy,
        afterS: trouble.afterS,
        key: trouble.key,
        to: trouble.to,
      });
    case "counters_reset":
      return note("envoy_counters_reset", { envoy });
    case "silent":
      return note("envoy_silent", { envoy, why: trouble.why });
  }
}
