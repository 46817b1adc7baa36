/** What the proof of a fault by Istio says of each of its parts. */

import { countOf } from "../../support/count-of.js";
import { formatCount } from "../../support/format.js";
import { shareShown } from "../between/far-fewer.js";
import { type NoteFacts, noteKind, type ProofNoteKind } from "../proof-note.js";

type OfHost = {
  readonly host: string;
  /** "virtualservice shop/payments" */
  readonly object: string;
};

type OfClients = OfHost & {
  /** Pods that were asked. */
  readonly pods: number;
  /** Requests that they sent to the host while the fault was on. */
  readonly requests: number;
};

type Did = "answered" | "held";

const HOST: OfHost = { host: "payments", object: "virtualservice shop/payments" };
const CLIENTS: OfClients = { ...HOST, pods: 3, requests: 900 };

const sidecars = ({ pods }: OfClients) => `the sidecars of ${countOf(pods, "pod")}`;

export const proofNotes = {
  istio_acted: noteKind<OfClients & { readonly did: Did; readonly acted: number }>(
    { ...CLIENTS, did: "answered", acted: 271 },
    (facts) =>
      `${facts.host}: ${sidecars(facts)} ${facts.did} ${formatCount(facts.acted)} of ${countOf(facts.requests, "request")} themselves`,
  ),
  istio_far_fewer: noteKind<
    OfClients & { readonly did: Did; readonly acted: number; readonly share: number }
  >(
    { ...CLIENTS, did: "answered", acted: 7, share: 0.3 },
    (facts) =>
      `${facts.host}: ${sidecars(facts)} ${facts.did} only ${formatCount(facts.acted)} of ${countOf(facts.requests, "request")} themselves, where ${shareShown(facts.share)} was asked: have they taken the change late, or do others take another route, or a VirtualService of another namespace?`,
  ),
  istio_no_request: noteKind<OfClients>(
    { ...CLIENTS, requests: 0 },
    (facts) =>
      `${facts.host}: ${sidecars(facts)} sent no request there. Do the clients name this host, and is its traffic theirs?`,
  ),
  istio_chose_none: noteKind<OfClients & { readonly did: Did; readonly share: number }>(
    { ...CLIENTS, requests: 12, did: "answered", share: 0.01 },
    (facts) =>
      `${facts.host}: ${sidecars(facts)} sent ${countOf(facts.requests, "request")} there, and the share chose none of so few`,
  ),
  istio_met_none: noteKind<OfClients & { readonly did: Did }>(
    { ...CLIENTS, did: "answered" },
    (facts) =>
      `${facts.host}: ${sidecars(facts)} sent ${countOf(facts.requests, "request")} there, and ${facts.did} none themselves: does another route take them, or a VirtualService of another namespace?`,
  ),
  istio_listed: noteKind<OfHost>(
    HOST,
    ({ host, object }) =>
      `${host}: ${object} had the fault until its end. Whether a request met it, only sidecars know: name their pods with \`clients\``,
  ),
  istio_changed: noteKind<OfHost>(
    HOST,
    ({ host, object }) => `${host}: somebody has changed the routes of ${object} while the fault was on`,
  ),
  istio_removed: noteKind<OfHost>(
    HOST,
    ({ host, object }) => `${host}: somebody has removed ${object} while the fault was on`,
  ),
  istio_silent: noteKind<OfHost & { readonly why: string }>(
    { ...HOST, why: "no whole answer after 10 s" },
    ({ host, why }) => `${host}: its clients' sidecars do not say what they did: ${why}`,
  ),
} satisfies Readonly<Record<string, ProofNoteKind<NoteFacts>>>;
