import { requestKindWith } from "../../../requests/kinds.js";
import type { CheckContext, LoadParts } from "../context.js";
import { kindsSent } from "./kinds-sent.js";
import { requestPlaces } from "./request-names.js";

/** Requests that begin as HTTP/1.1, in a load that is made otherwise. */
export function checkVersions(context: CheckContext, load: LoadParts): void {
  const { protocol, pipelining = 1 } = load;
  const sent = kindsSent(context, load);
  const needing = sent.find(({ needsHttp1 }) => needsHttp1);
  if (needing === undefined) return;
  const other = sent.find(({ needsHttp2 }) => needsHttp2);
  const isOver2 = protocol === "h2" || other !== undefined;
  // Where no request knows the key, there is a complaint already.
  if (pipelining > 1 && sent.some(({ without }) => !without.includes("pipelining"))) {
    const message = `\`pipelining\` does not go with requests of ${needing.name}: each has its connection for itself`;
    context.diagnostics.error(
      "conflict",
      context.key("load", "pipelining"),
      message,
      "Take pipelining away.",
    );
  }
  if (!isOver2 || sent.every(({ without }) => without.includes("protocol"))) return;
  const help =
    other === undefined
      ? "Take protocol: h2 away, or write auto: it chooses HTTP/1.1 then."
      : `Requests of ${other.name} go over HTTP/2, and so do all beside them. Give these a scenario of their own.`;
  for (const place of requestPlaces(context)) {
    if (!requestKindWith(context.names(...place)).needsHttp1) continue;
    const message = `\`${needing.key}\` goes over HTTP/1.1 alone, and the load is HTTP/2`;
    context.diagnostics.error("conflict", context.key(...place, needing.key), message, help);
  }
}
