/** What Envoys have counted of a fault, as a proof says it. */

import { countOf } from "../../support/count-of.js";
import { formatCount, formatSeconds } from "../../support/format.js";
import { statusShown } from "../../support/names/grpc-status.js";
import type { InjectionProof } from "../proof.js";
import { exactMs } from "../toxic.js";
import type { ManagerCounters } from "./admin/counters.js";
import type { EnvoyPart } from "./runtime-values.js";

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
}

/** What was seen of one Envoy. */
export interface EnvoySeen {
  /** As the action names it. */
  readonly target: string;
  readonly words: string;
  readonly parts: readonly PartSeen[];
  readonly trouble: EnvoyTrouble | null;
}

interface Told {
  readonly isProven: boolean;
  readonly isIdle: boolean;
  readonly text: string;
  readonly acted: { readonly connections: number; readonly of: number; readonly unit: "request" } | null;
}

/** With fewer expected, it may be chance that none was chosen. */
const SURELY_SOME = 5;

export function envoyProof(seen: readonly EnvoySeen[]): InjectionProof {
  const told = seen.flatMap(toldOf);
  const missing = told.filter(({ isProven }) => !isProven);
  const proven = told.length > 0 && missing.length === 0;
  const telling = proven ? told : missing;
  const [least] = told
    .flatMap(({ acted }) => acted ?? [])
    .toSorted((a, b) => a.connections / a.of - b.connections / b.of);
  return {
    strength: proven ? "observed" : "none",
    proven,
    explanation: telling.length === 0 ? "no injection" : telling.map(({ text }) => text).join("; "),
    acted: proven ? (least ?? null) : null,
    isIdle: !proven && missing.every(({ isIdle }) => isIdle),
    targets: seen.map(({ target, parts, trouble }) => ({
      driver: "envoy",
      target,
      evidence: {
        trouble: trouble === null ? null : { ...trouble },
        parts: parts.map(({ part: { does, share }, counted }) => ({
          does,
          share,
          managers: [...counted].map(([statPrefix, counts]) => ({ statPrefix, ...counts })),
        })),
      },
    })),
  };
}

function toldOf({ words, parts, trouble }: EnvoySeen): readonly Told[] {
  if (trouble !== null) {
    return [{ isProven: false, isIdle: false, text: `${words}: ${troubleText(trouble)}`, acted: null }];
  }
  return parts.map((part) => partTold(words, part));
}

function partTold(words: string, { part, counted }: PartSeen): Told {
  const all = [...counted.values()];
  const total = (field: keyof ManagerCounters) => all.reduce((sum, counts) => sum + counts[field], 0);
  const requests = total("requests");
  const acted = total(part.does === "abort" ? "aborts" : "delays");
  const where = `${words} (${[...counted.keys()].join(", ")})`;
  if (acted > 0) {
    // A request that began before is counted when the fault meets it.
    const of = Math.max(requests, acted);
    const text = `${where} ${doneText(part, formatCount(acted))} of ${countOf(of, "request")}${doneHow(part)}`;
    return { isProven: true, isIdle: false, text, acted: { connections: acted, of, unit: "request" } };
  }
  const none = (why: string, isIdle = false): Told => {
    return { isProven: false, isIdle, text: `${where}: ${why}`, acted: null };
  };
  if (requests === 0) return none("no request came. Does what is loaded go through this Envoy?");
  const came = `${countOf(requests, "request")} came, and its fault filter ${part.does === "abort" ? "aborted" : "delayed"} none`;
  const overflows = total("overflows");
  if (overflows > 0)
    return none(`${came}: \`max_active_faults\` was reached ${formatCount(overflows)} times`);
  if (requests * part.share < SURELY_SOME) return none(`${came}: the share chose none of so few`, true);
  return none(
    `${came}: does the filter act on some of them only (headers, upstream_cluster), or does a route have one of its own?`,
  );
}

function doneText({ does }: EnvoyPart, acted: string): string {
  return does === "abort" ? `answered ${acted}` : `held ${acted}`;
}

function doneHow({ does, spec: { abort, delay } }: EnvoyPart): string {
  if (does === "delay") return ` for ${exactMs(delay?.ms ?? 0)}`;
  return ` with ${abort?.grpc ? "gRPC status" : "status"} ${statusShown(abort?.status ?? 0)}`;
}

function troubleText(trouble: EnvoyTrouble): string {
  switch (trouble.id) {
    case "lost":
      return `${formatSeconds(trouble.afterS)} after the fault had begun its runtime was empty again: Envoy was started again, or somebody took all of it out`;
    case "changed":
      return `${formatSeconds(trouble.afterS)} after the fault had begun somebody had ${trouble.to === "" ? `taken ${trouble.key} out` : `set ${trouble.key} to ${trouble.to}`}`;
    case "counters_reset":
      return "its counters were set back while the fault was on, so nothing shows what it did";
    case "silent":
      return `it does not say what it did: ${trouble.why}`;
  }
}
