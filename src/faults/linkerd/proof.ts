/** What Linkerd's proxies have counted of a fault, as a proof says it. */

import { isFarFewer } from "../between/far-fewer.js";
import type { LinkerdSpec } from "../kinds/linkerd/linkerd-action.js";
import type { InjectionProof } from "../proof.js";
import { notesOf, saidBy, type ToldNote } from "../proof-note.js";
import { proofNotes } from "./proof-notes.js";
import type { RoutedRequests } from "./proxy-counters.js";
import type { RouteState } from "./route-status.js";

const note = notesOf(proofNotes);

/** What was seen of one action, at the end of the fault or of its stage. */
export interface SplitSeen {
  readonly target: string;
  readonly spec: LinkerdSpec;
  /** For people: "httproute shop/payments". */
  readonly object: string;
  /** What became of the rules with the fault. */
  readonly rules: "as_set" | "changed" | "removed";
  /** What Linkerd says of the route. */
  readonly state: RouteState;
  readonly proxies: ProxiesSeen;
}

export type ProxiesSeen =
  | { readonly kind: "not_asked" }
  | { readonly kind: "silent"; readonly why: string }
  | { readonly kind: "counted"; readonly pods: number; readonly sent: RoutedRequests };

interface JudgedSplit {
  /** `listed`: the object has it, and nothing shows that a request met it. */
  readonly strength: "observed" | "listed" | "none";
  readonly isIdle: boolean;
  readonly note: ToldNote;
  readonly acted: { readonly connections: number; readonly of: number; readonly unit: "request" } | null;
}

/** With fewer expected, it may be chance that none was chosen. */
const SURELY_SOME = 5;

export function splitProof(seen: readonly SplitSeen[]): InjectionProof {
  const judged = seen.map(judge);
  const missing = judged.filter(({ strength }) => strength === "none");
  const proven = judged.length > 0 && missing.length === 0;
  const listed = judged.filter(({ strength }) => strength === "listed");
  const telling = missing.length > 0 ? missing : listed.length > 0 ? listed : judged;
  const [least] = judged
    .flatMap(({ acted }) => acted ?? [])
    .toSorted((a, b) => a.connections / a.of - b.connections / b.of);
  return {
    strength: proven ? (listed.length > 0 ? "listed" : "observed") : "none",
    proven,
    ...(telling.length === 0 ? { explanation: "no injection" } : saidBy(telling.map((each) => each.note))),
    acted: proven ? (least ?? null) : null,
    isIdle: !proven && missing.length > 0 && missing.every(({ isIdle }) => isIdle),
    targets: seen.map(({ target, object, rules, state, proxies }) => ({
      driver: "linkerd",
      target,
      evidence: { object, rules, state, proxies },
    })),
  };
}

function judge({ spec, object, rules, state, proxies }: SplitSeen): JudgedSplit {
  const facts = { service: spec.service, object, backend: spec.backend?.service ?? null };
  const said = (strength: JudgedSplit["strength"], told: ToldNote): JudgedSplit => ({
    strength,
    isIdle: false,
    note: told,
    acted: null,
  });
  if (rules === "removed") return said("none", note("linkerd_removed", facts));
  if (rules === "changed") return said("none", note("linkerd_changed", facts));
  if (state.id !== "taken") return said("none", note("linkerd_refused", { ...facts, why: state.why }));
  if (proxies.kind === "not_asked") return said("listed", note("linkerd_listed", facts));
  if (proxies.kind === "silent") return said("none", note("linkerd_silent", { ...facts, why: proxies.why }));
  const { pods, sent } = proxies;
  const counted = { ...facts, pods, requests: sent.requests };
  if (sent.requests === 0) return said("none", note("linkerd_no_request", counted));
  if (sent.failed > 0) {
    // Which requests have the path or the headers, the counters do not say.
    const isOfAll = spec.path === null && Object.keys(spec.headers).length === 0;
    if (isOfAll && isFarFewer(sent.failed, sent.requests, spec.share)) {
      return said("none", note("linkerd_far_fewer", { ...counted, acted: sent.failed, share: spec.share }));
    }
    const acted = { connections: sent.failed, of: sent.requests, unit: "request" } as const;
    return { ...said("observed", note("linkerd_acted", { ...counted, acted: sent.failed })), acted };
  }
  if (sent.requests * spec.share >= SURELY_SOME) return said("none", note("linkerd_met_none", counted));
  const chose = note("linkerd_chose_none", { ...counted, share: spec.share });
  return { ...said("none", chose), isIdle: true };
}
