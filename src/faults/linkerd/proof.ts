/** What Linkerd's proxies have counted of a fault, as a proof says it. */

import {
  actedPart,
  countedProof,
  type JudgedPart,
  listedPart,
  mayChooseNone,
  unprovenPart,
} from "../between/counted-proof.js";
import { isFarFewer } from "../between/far-fewer.js";
import type { LinkerdSpec } from "../kinds/linkerd/linkerd-action.js";
import type { InjectionProof } from "../proof.js";
import { notesOf } from "../proof-note.js";
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

export function splitProof(seen: readonly SplitSeen[]): InjectionProof {
  return countedProof(
    seen.map(judge),
    seen.map(({ target, object, rules, state, proxies }) => ({
      driver: "linkerd",
      target,
      evidence: { object, rules, state, proxies },
    })),
  );
}

function judge({ spec, object, rules, state, proxies }: SplitSeen): JudgedPart {
  const facts = { service: spec.service, object, backend: spec.backend?.service ?? null };
  if (rules === "removed") return unprovenPart(note("linkerd_removed", facts));
  if (rules === "changed") return unprovenPart(note("linkerd_changed", facts));
  if (state.id !== "taken") return unprovenPart(note("linkerd_refused", { ...facts, why: state.why }));
  if (proxies.kind === "not_asked") return listedPart(note("linkerd_listed", facts));
  if (proxies.kind === "silent") return unprovenPart(note("linkerd_silent", { ...facts, why: proxies.why }));
  const { share } = spec;
  const { requests, failed } = proxies.sent;
  const counted = { ...facts, pods: proxies.pods, requests };
  if (requests === 0) return unprovenPart(note("linkerd_no_request", counted));
  if (failed > 0) {
    // Which requests have the path or the headers, the counters do not say.
    const isOfAll = spec.path === null && Object.keys(spec.headers).length === 0;
    return isOfAll && isFarFewer(failed, requests, share)
      ? unprovenPart(note("linkerd_far_fewer", { ...counted, acted: failed, share }))
      : actedPart(note("linkerd_acted", { ...counted, acted: failed }), failed, requests);
  }
  return mayChooseNone(requests, share)
    ? unprovenPart(note("linkerd_chose_none", { ...counted, share }), true)
    : unprovenPart(note("linkerd_met_none", counted));
}
