import { requestKindWith } from "../../../requests/kinds.js";
import type { TreePath } from "../../text/tree.js";
import type { CheckContext, LoadParts } from "../context.js";
import { kindsSent } from "./kinds-sent.js";
import { requestPlaces } from "./request-names.js";

/** What users remember from one answer to their next request. */
export function checkSession(context: CheckContext, load: LoadParts): void {
  const { cookies, follow, login } = load;
  checkVersion(context, load);
  checkPipelining(context, load);
  if (cookies !== true || follow !== 0 || login !== undefined || !context.lacks("load", "journeys")) return;
  const message = "`cookies` has nothing to keep here: each request of the mix is a user of its own";
  const help = "Write the requests as steps of a journey, or follow redirects.";
  context.diagnostics.warning("suspicious", context.key("load", "cookies"), message, help);
}

/** Which keys go over HTTP/1.1 alone. Those that mean nothing to any request are told of already. */
function checkVersion(context: CheckContext, load: LoadParts): void {
  const { cookies, follow = 0, protocol } = load;
  const sent = kindsSent(context, load);
  const needing = sent.find(({ needsHttp2 }) => needsHttp2);
  if (needing === undefined && protocol !== "h2") return;
  const isForSome = (key: "cookies" | "follow") => !sent.every(({ without }) => without.includes(key));
  const places: readonly TreePath[] = [
    ...(cookies === true && isForSome("cookies") ? [["load", "cookies"]] : []),
    ...(follow > 0 && isForSome("follow") ? [["load", "follow"]] : []),
  ];
  const help =
    needing === undefined
      ? "Take protocol: h2 away, or write auto: it chooses HTTP/1.1 then."
      : `Requests of ${needing.name} go over HTTP/2, and so do all beside them. Give these a scenario of their own.`;
  for (const place of places) {
    const message = `\`${place.at(-1)}\` goes over HTTP/1.1 alone, and the load is HTTP/2`;
    context.diagnostics.error("conflict", context.key(...place), message, help);
  }
}

/** A stream that has been heard to its end is cut off, and its connection with it. */
function checkPipelining(context: CheckContext, { pipelining = 1 }: LoadParts): void {
  if (pipelining === 1) return;
  for (const place of streamPlaces(context)) {
    const message = "`stream` does not go with `pipelining`: requests behind a stream wait for its end";
    const help = "Take pipelining away.";
    context.diagnostics.error("conflict", context.key(...place), message, help);
  }
}

/** Streams of calls go over HTTP/2, as the calls do. */
function streamPlaces(context: CheckContext): readonly TreePath[] {
  return requestPlaces(context)
    .filter((place) => !requestKindWith(context.names(...place)).needsHttp2)
    .map((place) => [...place, "stream"])
    .filter((place) => context.has(...place));
}
