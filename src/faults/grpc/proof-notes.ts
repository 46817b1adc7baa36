/** What the proof of a fault on gRPC says of each rule. */

import { countOf } from "../../support/count-of.js";
import { formatBytes, formatCount } from "../../support/format.js";
import { type NoteFacts, noteKind, type ProofNoteKind } from "../proof-note.js";

type OfProxy = { readonly proxy: string };

const PROXY: OfProxy = { proxy: "quotes" };

/** With "quotes: " before it. */
function on<Facts extends OfProxy>(text: (facts: Facts) => string): (facts: Facts) => string {
  return (facts) => `${facts.proxy}: ${text(facts)}`;
}

export const proofNotes = {
  rule_acted_on_calls: noteKind<OfProxy & { readonly acted: number; readonly matched: number }>(
    { ...PROXY, acted: 12, matched: 40 },
    on(({ acted, matched }) => `acted on ${formatCount(acted)} of ${countOf(matched, "call")}`),
  ),
  rule_held_calls_for_no_time: noteKind<OfProxy & { readonly matched: number }>(
    { ...PROXY, matched: 40 },
    on(({ matched }) => `${countOf(matched, "call")} met the rule, and its delay of 0 ms held none of them`),
  ),
  rule_chose_no_calls: noteKind<OfProxy & { readonly matched: number }>(
    { ...PROXY, matched: 3 },
    on(({ matched }) => `${countOf(matched, "call")} met the rule, and it chose none of them`),
  ),
  nothing_to_do_to_calls: noteKind<OfProxy & { readonly matched: number }>(
    { ...PROXY, matched: 40 },
    on(
      ({ matched }) =>
        `${countOf(matched, "call")} met the rule, and there was nothing to do to their answers: they had fewer messages than pass, none came, or clients gave up before`,
    ),
  ),
  no_http2: noteKind<
    OfProxy & {
      /** What connections began with, at most 24 characters. */
      readonly begin: string;
    }
  >(
    { ...PROXY, begin: "GET / HTTP/1.1\r\nHost: s" },
    on(
      ({ proxy, begin }) =>
        `what crosses is no HTTP/2: it begins with ${JSON.stringify(begin)}${protocolOf(begin)}, or lead another connection through ${proxy}`,
    ),
  ),
  calls_held_many_bytes: noteKind<OfProxy & { readonly bytes: number }>(
    { ...PROXY, bytes: 65_535 },
    on(
      ({ bytes }) =>
        `up to ${formatBytes(bytes)} of calls were held at once on one connection, so others on it may have waited, too: its window for flow control holds no more than the two ends allow`,
    ),
  ),
  no_call_began: noteKind<OfProxy & { readonly open: number }>(
    { ...PROXY, open: 3 },
    on(
      ({ open }) =>
        `no call that met the rule began; ${countOf(open, "call")} ${open === 1 ? "is" : "are"} open still, and a rule acts on calls that begin under it`,
    ),
  ),
  no_call: noteKind<OfProxy & { readonly upstream: string; readonly listen: string }>(
    { ...PROXY, upstream: "127.0.0.1:4000", listen: "127.0.0.1:4001" },
    on(
      ({ proxy, upstream, listen }) =>
        `no call crossed to ${upstream}: is the service's address set from \${proxies.${proxy}.listen} (${listen})?`,
    ),
  ),
  no_such_call: noteKind<
    OfProxy & {
      /** The rule's method. null: any. */
      readonly wanted: string | null;
      /** What crossed, most requests first. */
      readonly routes: readonly { readonly route: string; readonly requests: number }[];
      /** Routes that are left out. */
      readonly more: number;
    }
  >(
    { ...PROXY, wanted: "shop.Quotes/Gte", routes: [{ route: "shop.Quotes/Get", requests: 40 }], more: 0 },
    on(({ wanted, routes, more }) => {
      const named = routes.map(({ route, requests }) => `${route} (${requests})`);
      const rest = more > 0 ? ` and ${more} more` : "";
      const which = wanted === null ? "met the rule" : `was ${wanted}`;
      return `no call ${which}; what crossed: ${named.join(", ")}${rest}`;
    }),
  ),
} satisfies Readonly<Record<string, ProofNoteKind<NoteFacts>>>;

const HTTP1 = /^(?:GET|POST|PUT|HEAD|PATCH|DELETE|OPTIONS|CONNECT|TRACE) |^HTTP\/1/;

/** What it looks like, and what to do about it. */
function protocolOf(begin: string): string {
  if (HTTP1.test(begin)) return " (HTTP/1). Write `protocol: http`";
  return `${begin.startsWith("\u0016\u0003") ? " (TLS)" : ""}. Leave out \`protocol: grpc\``;
}
