/** What the proof of a fault by Linkerd says of each of its parts. */

import { countOf } from "../../support/count-of.js";
import { formatCount } from "../../support/format.js";
import { shareShown } from "../between/far-fewer.js";
import { type NoteFacts, noteKind, type ProofNoteKind } from "../proof-note.js";

type OfService = {
  readonly service: string;
  /** "httproute shop/payments" */
  readonly object: string;
  /** The Service that the requests go to. null: the proxies answer them themselves. */
  readonly backend: string | null;
};

type OfClients = OfService & {
  /** Pods that were asked. */
  readonly pods: number;
  /** Requests that they sent by the route while the fault was on. Each try counts. */
  readonly requests: number;
};

const SERVICE: OfService = {
  service: "payments",
  object: "httproute shop/payments",
  backend: "error-injector",
};
const CLIENTS: OfClients = { ...SERVICE, pods: 3, requests: 900 };

const proxies = ({ pods }: OfClients) => `the proxies of ${countOf(pods, "pod")}`;
const sent = (facts: OfClients) =>
  `${proxies(facts)} sent ${countOf(facts.requests, "request")} by the route`;

export const proofNotes = {
  linkerd_acted: noteKind<OfClients & { readonly acted: number }>({ ...CLIENTS, acted: 271 }, (facts) => {
    const some = `${formatCount(facts.acted)} of ${countOf(facts.requests, "request")}`;
    return facts.backend === null
      ? `${facts.service}: ${proxies(facts)} answered ${some} with status 500 themselves`
      : `${facts.service}: ${proxies(facts)} sent ${some} to ${facts.backend}`;
  }),
  linkerd_far_fewer: noteKind<OfClients & { readonly acted: number; readonly share: number }>(
    { ...CLIENTS, acted: 7, share: 0.3 },
    (facts) => {
      const some = `${formatCount(facts.acted)} of ${countOf(facts.requests, "request")}`;
      const asked = `where ${shareShown(facts.share)} was asked`;
      return facts.backend === null
        ? `${facts.service}: ${proxies(facts)} answered only ${some} themselves, ${asked}: have they taken the route late?`
        : `${facts.service}: ${proxies(facts)} sent only ${some} to ${facts.backend}, ${asked}: was a pod of it ready, and has a circuit breaker opened?`;
    },
  ),
  linkerd_no_request: noteKind<OfClients>(
    { ...CLIENTS, requests: 0 },
    (facts) =>
      `${facts.service}: ${sent(facts)}. Do the clients call this Service by its name or ClusterIP, with HTTP, and is a proxy in their pods?`,
  ),
  linkerd_chose_none: noteKind<OfClients & { readonly share: number }>(
    { ...CLIENTS, requests: 12, share: 0.01 },
    (facts) => `${facts.service}: ${sent(facts)}, and the share chose none of so few`,
  ),
  linkerd_met_none: noteKind<OfClients>(CLIENTS, (facts) =>
    facts.backend === null
      ? `${facts.service}: ${sent(facts)}, and answered none of them themselves: has none of them the headers or the path?`
      : `${facts.service}: ${sent(facts)}, and none of them went to ${facts.backend}: is a pod of it ready, and has a request the headers or the path?`,
  ),
  linkerd_listed: noteKind<OfService>(
    SERVICE,
    ({ service, object }) =>
      `${service}: ${object} had the fault until its end, and Linkerd took it. Whether a request met it, only proxies know: name their pods with \`clients\``,
  ),
  linkerd_refused: noteKind<OfService & { readonly why: string }>(
    { ...SERVICE, why: "Accepted is not true: NoMatchingParent" },
    ({ service, object, why }) => `${service}: Linkerd does not take ${object}: ${why}`,
  ),
  linkerd_changed: noteKind<OfService>(
    SERVICE,
    ({ service, object }) => `${service}: somebody has changed the rules of ${object} while the fault was on`,
  ),
  linkerd_removed: noteKind<OfService>(
    SERVICE,
    ({ service, object }) => `${service}: somebody has removed ${object} while the fault was on`,
  ),
  linkerd_silent: noteKind<OfService & { readonly why: string }>(
    { ...SERVICE, why: "no whole answer after 5 s" },
    ({ service, why }) => `${service}: its clients' proxies do not say what they did: ${why}`,
  ),
} satisfies Readonly<Record<string, ProofNoteKind<NoteFacts>>>;
