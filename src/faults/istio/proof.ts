/** What sidecars have counted of a fault by Istio, as a proof says it. */

import type { IstioSpec } from "../kinds/istio/istio-action.js";
import type { InjectionProof } from "../proof.js";
import { notesOf, saidBy, type ToldNote } from "../proof-note.js";
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
  readonly clients: ClientsSeen;
}

export type ClientsSeen =
  | { readonly kind: "not_asked" }
  | { readonly kind: "silent"; readonly why: string }
  | { readonly kind: "counted"; readonly pods: number; readonly sent: SentRequests };

interface JudgedRoute {
  /** `listed`: the object has it, and nothing shows that a request met it. */
  readonly strength: "observed" | "listed" | "none";
  readonly isIdle: boolean;
  readonly note: ToldNote;
  readonly acted: { readonly connections: number; readonly of: number; readonly unit: "request" } | null;
}

/** With fewer expected, it may be chance that none was chosen. */
const SURELY_SOME = 5;

export function routeFaultProof(seen: readonly RouteFaultSeen[]): InjectionProof {
  const judged = seen.flatMap(judge);
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
    isIdle: !proven && missing.every(({ isIdle }) => isIdle),
    targets: seen.map(({ target, object, routes, clients }) => ({
      driver: "istio",
      target,
      evidence: {
        object,
        routes,
        clients: clients.kind === "counted" ? { ...clients, sent: { ...clients.sent } } : { ...clients },
      },
    })),
  };
}

function judge(seen: RouteFaultSeen): readonly JudgedRoute[] {
  const { spec, object, routes, clients } = seen;
  const { host } = spec;
  const one = (strength: JudgedRoute["strength"], said: ToldNote): readonly JudgedRoute[] => [
    { strength, isIdle: false, note: said, acted: null },
  ];
  if (routes === "removed") return one("none", note("istio_removed", { host, object }));
  if (routes === "changed") return one("none", note("istio_changed", { host, object }));
  if (clients.kind === "not_asked") return one("listed", note("istio_listed", { host, object }));
  if (clients.kind === "silent") return one("none", note("istio_silent", { host, object, why: clients.why }));
  const { pods, sent } = clients;
  const facts = { host, object, pods, requests: sent.requests };
  if (sent.requests === 0) return one("none", note("istio_no_request", facts));
  return [
    ...(spec.abort ? [judgePart(facts, "answered", sent.aborted, spec.abort.share)] : []),
    ...(spec.delay ? [judgePart(facts, "held", sent.delayed, spec.delay.share)] : []),
  ];
}

type Counted = {
  readonly host: string;
  readonly object: string;
  readonly pods: number;
  readonly requests: number;
};

function judgePart(facts: Counted, did: "answered" | "held", acted: number, share: number): JudgedRoute {
  if (acted > 0) {
    const of = Math.max(facts.requests, acted);
    const said = note("istio_acted", { ...facts, did, acted });
    return {
      strength: "observed",
      isIdle: false,
      note: said,
      acted: { connections: acted, of, unit: "request" },
    };
  }
  const isIdle = facts.requests * share < SURELY_SOME;
  const said = isIdle
    ? note("istio_chose_none", { ...facts, did, share })
    : note("istio_met_none", { ...facts, did });
  return { strength: "none", isIdle, note: said, acted: null };
}
