import { namedRoutes, type ProxySeen, type RuleWords } from "../between/gateway/rules-proof.js";
import { GRPC, type GrpcRule } from "../kinds/grpc/grpc-rule.js";
import { notesOf, type ToldNote } from "../proof-note.js";
import { proofNotes } from "./proof-notes.js";

const note = notesOf(proofNotes);

/** What a proof says of rules for calls of gRPC. */
export const callWords: RuleWords<GrpcRule> = {
  driver: GRPC,
  holdsForNoTime: ({ delayMs, jitterMs = 0, status, cutAfter }) =>
    delayMs === 0 && jitterMs === 0 && status === undefined && cutAfter === undefined,
  acted: ({ proxy, acted, matched }) => note("rule_acted_on_calls", { proxy, acted, matched }),
  heldForNoTime: (facts) => note("rule_held_calls_for_no_time", { ...facts }),
  choseNone: (facts) => note("rule_chose_no_calls", { ...facts }),
  nothingToDo: (facts) => note("nothing_to_do_to_calls", { ...facts }),
  noneMatched,
  beside: heldMuch,
};

/** Half of the window for a connection that HTTP/2 begins with. */
const MUCH_BYTES = 32 * 1024;

/** What is held has taken its part of the connection's window, and others may wait for that. */
function heldMuch({ proxy, mostHeldBytes }: ProxySeen<GrpcRule>): readonly ToldNote[] {
  if (mostHeldBytes < MUCH_BYTES) return [];
  return [note("calls_held_many_bytes", { proxy, bytes: mostHeldBytes })];
}

function noneMatched(
  { routes, unreadable, open, upstream, listen, proxy }: ProxySeen<GrpcRule>,
  { method }: GrpcRule,
): ToldNote {
  if (unreadable !== null) return note("no_http2", { proxy, begin: unreadable.slice(0, 24) });
  if (routes.length === 0 && open > 0) return note("no_call_began", { proxy, open });
  if (routes.length === 0) return note("no_call", { proxy, upstream, listen });
  return note("no_such_call", { proxy, wanted: method ?? null, ...namedRoutes(routes) });
}
