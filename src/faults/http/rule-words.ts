import { namedRoutes, type ProxySeen, type RuleWords } from "../between/gateway/rules-proof.js";
import { HTTP, type HttpRule } from "../http-rule.js";
import { notesOf, type ToldNote } from "../proof-note.js";
import { proofNotes } from "./proof-notes.js";

const note = notesOf(proofNotes);

/** What a proof says of rules for requests of HTTP. */
export const ruleWords: RuleWords<HttpRule> = {
  driver: HTTP,
  holdsForNoTime,
  acted: ({ proxy, acted, matched }) => note("rule_acted", { proxy, acted, matched }),
  heldForNoTime: (facts) => note("rule_held_for_no_time", { ...facts }),
  choseNone: (facts) => note("rule_chose_none", { ...facts }),
  nothingToDo: (facts, seen) => refusedHttp2(seen) ?? note("nothing_to_do", { ...facts }),
  noneMatched,
  beside,
};

function holdsForNoTime({
  delayMs,
  jitterMs = 0,
  status,
  body,
  cut,
  ends,
  slowHeadersMs,
}: HttpRule): boolean {
  const others = [status, body, cut, ends, slowHeadersMs];
  return delayMs === 0 && jitterMs === 0 && others.every((other) => other === undefined);
}

/** Half of the window for a connection that HTTP/2 begins with. */
const MUCH_BYTES = 32 * 1024;

/** @returns null: no client spoke HTTP/2 to an upstream that does not. */
function refusedHttp2({ proxy, http2Refused }: ProxySeen<HttpRule>): ToldNote | null {
  return http2Refused > 0 ? note("http2_refused", { proxy, connections: http2Refused }) : null;
}

function beside(seen: ProxySeen<HttpRule>): readonly ToldNote[] {
  const { proxy, mostHeldBytes, notSlowed, rules } = seen;
  // Where no rule acted, it is said as the cause.
  const refused = rules.every(({ acted }) => acted > 0) ? refusedHttp2(seen) : null;
  return [
    ...(refused ? [refused] : []),
    ...(notSlowed > 0 ? [note("headers_not_slowed", { proxy, requests: notSlowed })] : []),
    ...(mostHeldBytes >= MUCH_BYTES
      ? [note("streams_held_many_bytes", { proxy, bytes: mostHeldBytes })]
      : []),
  ];
}

function noneMatched(seen: ProxySeen<HttpRule>, spec: HttpRule): ToldNote {
  const { routes, unreadable, upstream, listen, proxy } = seen;
  const refused = refusedHttp2(seen);
  if (refused && routes.length === 0) return refused;
  if (unreadable !== null) return note("no_http", { proxy, begin: unreadable.slice(0, 24) });
  if (routes.length === 0) return note("no_request", { proxy, upstream, listen });
  const wanted = [spec.method, spec.path].filter((part) => part !== undefined).join(" ");
  return note("no_such_request", { proxy, wanted: wanted === "" ? null : wanted, ...namedRoutes(routes) });
}
