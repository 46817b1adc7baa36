/** What Envoys have counted of a fault, as a proof says it. */

import {
  actedPart,
  countedProof,
  type JudgedPart,
  mayChooseNone,
  unprovenPart,
} from "../between/counted-proof.js";
import { isFarFewer } from "../between/far-fewer.js";
import type { InjectionProof } from "../proof.js";
import { notesOf, type ToldNote } from "../proof-note.js";
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

export function envoyProof(seen: readonly EnvoySeen[]): InjectionProof {
  return countedProof(
    seen.flatMap(judge),
    seen.map(({ target, parts, trouble }) => ({
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
  );
}

function judge({ words, parts, trouble }: EnvoySeen): readonly JudgedPart[] {
  if (trouble === null) return parts.map((part) => judgePart(words, part));
  return [unprovenPart(troubleNote(words, trouble))];
}

function judgePart(envoy: string, { part, counted, before }: PartSeen): JudgedPart {
  const { does, share, spec, restrictions } = part;
  const requests = totalOf(counted, "requests");
  const acted = totalOf(counted, does === "abort" ? "aborts" : "delays");
  const overflows = totalOf(counted, "overflows");
  const facts = { envoy, managers: [...counted.keys()], requests };
  const did = does === "abort" ? "aborted" : "delayed";
  const actedBefore = totalOf(before, does === "abort" ? "aborts" : "delays");
  if (actedBefore > 0) {
    const then = { ...facts, requests: totalOf(before, "requests"), acted: actedBefore };
    return unprovenPart(note("envoy_acted_before", { ...then, did }));
  }
  if (acted > 0) {
    // One without an answer yet may be held, and be aborted after that.
    const isLess = isFarFewer(acted, requests - totalOf(counted, "open"), share);
    if (isLess && overflows > 0)
      return unprovenPart(note("envoy_overflow", { ...facts, did, acted, overflows }));
    if (isLess && restrictions.length === 0)
      return unprovenPart(note("envoy_met_few", { ...facts, did, acted, asked: share }));
    // A request that began before is counted when the fault meets it.
    const of = Math.max(requests, acted);
    const { status = 0, grpc: isGrpc = false } = spec.abort ?? {};
    const all = { ...facts, requests: of, acted, asked: isLess ? share : null, restrictions, overflows };
    const said =
      does === "abort"
        ? note("envoy_aborted", { ...all, status, isGrpc })
        : note("envoy_delayed", { ...all, delayMs: spec.delay?.ms ?? 0 });
    return actedPart(said, acted, of);
  }
  if (requests === 0) return unprovenPart(note("envoy_no_request", facts));
  if (overflows > 0) return unprovenPart(note("envoy_overflow", { ...facts, did, acted, overflows }));
  if (mayChooseNone(requests, share))
    return unprovenPart(note("envoy_chose_none", { ...facts, did, share }), true);
  return unprovenPart(note("envoy_met_none", { ...facts, did }));
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
