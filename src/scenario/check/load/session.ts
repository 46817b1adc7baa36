import { requestKindWith } from "../../../requests/kinds.js";
import type { TreePath } from "../../text/tree.js";
import type { CheckContext, LoadParts } from "../context.js";
import { requestPlaces } from "./request-names.js";

/** What users remember from one answer to their next request. */
export function checkSession(context: CheckContext, load: LoadParts): void {
  const { cookies, follow, login } = load;
  checkPipelining(context, load);
  if (cookies !== true || follow !== 0 || login !== undefined || !context.lacks("load", "journeys")) return;
  const message = "`cookies` has nothing to keep here: each request of the mix is a user of its own";
  const help = "Write the requests as steps of a journey, or follow redirects.";
  context.diagnostics.warning("suspicious", context.key("load", "cookies"), message, help);
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
