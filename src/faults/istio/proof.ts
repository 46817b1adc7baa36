/** What sidecars have counted of a fault by Istio, as a proof says it. */

import {
  actedPart,
  countedProof,
  type JudgedPart,
  listedPart,
  mayChooseNone,
  unprovenPart,
} from "../between/counted-proof.js";
import { isFarFewer } from "../between/far-fewer.js";
import type { IstioSpec } from "../kinds/istio/istio-action.js";
import type { InjectionProof } from "../proof.js";
import { notesOf } from "../proof-note.js";
import { proofNotes } from "./proof-notes.js";
import type { SentRequests } from "./sidecar-counters.js";

const note = notesOf(proofNotes);

/** What was seen of one action, at the end of the fault or of its stage. */
export interface RouteFaultSeen {
  readonly target: string;
  readonly spec: IstioSpec;
  /** For people: "virtualservice shop/payments". */
  readonly object: string;
  /** What became of the routes with the fault. */
  readonly routes: "as_set" | "changed" | "removed";
  /** Whether each request to the host meets it. Which ones take a route or have a header, the counters do not say. */
  readonly isOfAll: boolean;
  readonly clients: ClientsSeen;
}

export type ClientsSeen =
  | { readonly kind: "not_asked" }
  | { readonly kind: "silent"; readonly why: string }
  | { readonly kind: "counted"; readonly pods: number; readonly sent: SentRequests };

export function routeFaultProof(seen: readonly RouteFaultSeen[]): InjectionProof {
  return countedProof(
    seen.flatMap(judge),
    seen.map(({ target, object, routes, clients }) => ({
      driver: "istio",
      target,
      evidence: {
        object,
        routes,
        clients: clients.kind === "counted" ? { ...clients, sent: { ...clients.sent } } : { ...clients },
      },
    })),
  );
}

function judge({ spec, object, routes, isOfAll, clients }: RouteFaultSeen): readonly JudgedPart[] {
  const { host } = spec;
  if (routes === "removed") return [unprovenPart(note("istio_removed", { host, object }))];
  if (routes === "changed") return [unprovenPart(note("istio_changed", { host, object }))];
  if (clients.kind === "not_asked") return [listedPart(note("istio_listed", { host, object }))];
  if (clients.kind === "silent")
    return [unprovenPart(note("istio_silent", { host, object, why: clients.why }))];
  const { pods, sent } = clients;
  const facts = { host, object, pods, requests: sent.requests };
  if (sent.requests === 0) return [unprovenPart(note("istio_no_request", facts))];
  return [
    ...(spec.abort ? [judgePart(facts, "answered", sent.aborted, spec.abort.share, isOfAll)] : []),
    ...(spec.delay ? [judgePart(facts, "held", sent.delayed, spec.delay.share, isOfAll)] : []),
  ];
}

type Counted = {
  readonly host: string;
  readonly object: string;
  readonly pods: number;
  readonly requests: number;
};

function judgePart(
  facts: Counted,
  did: "answered" | "held",
  acted: number,
  share: number,
  isOfAll: boolean,
): JudgedPart {
  const { requests } = facts;
  if (acted > 0) {
    if (isOfAll && isFarFewer(acted, requests, share))
      return unprovenPart(note("istio_far_fewer", { ...facts, did, acted, share }));
    return actedPart(note("istio_acted", { ...facts, did, acted }), acted, Math.max(requests, acted));
  }
  return mayChooseNone(requests, share)
    ? unprovenPart(note("istio_chose_none", { ...facts, did, share }), true)
    : unprovenPart(note("istio_met_none", { ...facts, did }));
}
