/** What the proof of a fault on HTTP says of each rule. */

import { countOf } from "../../support/count-of.js";
import { formatBytes, formatCount } from "../../support/format.js";
import { type NoteFacts, noteKind, type ProofNoteKind } from "../proof-note.js";

type OfProxy = { readonly proxy: string };

const PROXY: OfProxy = { proxy: "payments" };

/** With "payments: " before it. */
function on<Facts extends OfProxy>(text: (facts: Facts) => string): (facts: Facts) => string {
  return (facts) => `${facts.proxy}: ${text(facts)}`;
}

export const proofNotes = {
  rule_acted: noteKind<OfProxy & { readonly acted: number; readonly matched: number }>(
    { ...PROXY, acted: 12, matched: 40 },
    on(({ acted, matched }) => `acted on ${formatCount(acted)} of ${countOf(matched, "request")}`),
  ),
  rule_held_for_no_time: noteKind<OfProxy & { readonly matched: number }>(
    { ...PROXY, matched: 40 },
    on(
      ({ matched }) => `${countOf(matched, "request")} met the rule, and its delay of 0 ms held none of them`,
    ),
  ),
  rule_chose_none: noteKind<OfProxy & { readonly matched: number }>(
    { ...PROXY, matched: 3 },
    on(({ matched }) => `${countOf(matched, "request")} met the rule, and it chose none of them`),
  ),
  nothing_to_do: noteKind<OfProxy & { readonly matched: number }>(
    { ...PROXY, matched: 40 },
    on(
      ({ matched }) =>
        `${countOf(matched, "request")} met the rule, and there was nothing to do to their answers: they had no body, none came, or clients gave up before`,
    ),
  ),
  no_http: noteKind<
    OfProxy & {
      /** What connections began with, at most 24 characters. */
      readonly begin: string;
    }
  >(
    { ...PROXY, begin: "*1\r\n$4\r\nPING" },
    on(
      ({ proxy, begin }) =>
        `what crosses is no HTTP: it begins with ${JSON.stringify(begin)}${protocolOf(begin)}. Leave out \`protocol: http\`, or lead another connection through ${proxy}`,
    ),
  ),
  http2_refused: noteKind<OfProxy & { readonly connections: number }>(
    { ...PROXY, connections: 3 },
    on(
      ({ proxy, connections }) =>
        `on ${countOf(connections, "connection")} the client spoke HTTP/2, and the upstream does not: let what goes through ${proxy} speak HTTP/1.1, or give an upstream that speaks HTTP/2`,
    ),
  ),
  headers_not_slowed: noteKind<OfProxy & { readonly requests: number }>(
    { ...PROXY, requests: 12 },
    on(
      ({ requests }) =>
        `${countOf(requests, "request")} came over HTTP/2, where \`slowHeaders\` does nothing: it is for HTTP/1.1`,
    ),
  ),
  streams_held_many_bytes: noteKind<OfProxy & { readonly bytes: number }>(
    { ...PROXY, bytes: 65_535 },
    on(
      ({ bytes }) =>
        `up to ${formatBytes(bytes)} were held at once on one connection of HTTP/2, so others on it may have waited, too: its window for flow control holds no more than the two ends allow`,
    ),
  ),
  no_request: noteKind<OfProxy & { readonly upstream: string; readonly listen: string }>(
    { ...PROXY, upstream: "127.0.0.1:4000", listen: "127.0.0.1:4001" },
    on(
      ({ proxy, upstream, listen }) =>
        `no request crossed to ${upstream}: is the service's address set from \${proxies.${proxy}.listen} (${listen})?`,
    ),
  ),
  no_such_request: noteKind<
    OfProxy & {
      /** The rule's method and path. null: any. */
      readonly wanted: string | null;
      /** What crossed, most requests first. */
      readonly routes: readonly { readonly route: string; readonly requests: number }[];
      /** Routes that are left out. */
      readonly more: number;
    }
  >(
    { ...PROXY, wanted: "POST /charge", routes: [{ route: "GET /prices", requests: 40 }], more: 0 },
    on(({ wanted, routes, more }) => {
      const named = routes.map(({ route, requests }) => `${route} (${requests})`);
      const rest = more > 0 ? ` and ${more} more` : "";
      const which = wanted === null ? "met the rule" : `was ${wanted}`;
      return `no request ${which}; what crossed: ${named.join(", ")}${rest}`;
    }),
  ),
} satisfies Readonly<Record<string, ProofNoteKind<NoteFacts>>>;

function protocolOf(begin: string): string {
  if (begin.startsWith("\u0016\u0003")) return " (TLS)";
  return /^[*$+:-]\d/.test(begin) ? " (the protocol of Redis)" : "";
}
