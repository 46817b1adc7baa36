/** What the rules of a fault have come to, as a proof says it. */

import type { HttpRule } from "../http-rule.js";
import type { HttpRoute } from "../http-traffic.js";
import type { InjectionProof, TrafficCount } from "../proof.js";
import { notesOf, saidBy, type ToldNote } from "../proof-note.js";
import type { RuleTally } from "./gateway/rules/rule.js";
import { proofNotes } from "./proof-notes.js";

const note = notesOf(proofNotes);

/** What is known of one proxy with rules, at the end of a fault. */
export interface ProxySeen {
  readonly proxy: string;
  readonly listen: string;
  readonly upstream: string;
  readonly rules: readonly RuleTally[];
  readonly routes: readonly HttpRoute[];
  readonly unreadable: string | null;
  readonly baseline: TrafficCount | null;
  readonly fault: TrafficCount | null;
}

/** Routes that are named where a rule met nothing. */
const NAMED_ROUTES = 5;

interface JudgedRule {
  readonly isProven: boolean;
  readonly isIdle: boolean;
  readonly note: ToldNote;
}

export function proofOf(proxies: readonly ProxySeen[]): InjectionProof {
  const judged = proxies.flatMap((seen) => seen.rules.map((rule) => judge(seen, rule)));
  const missing = judged.filter(({ isProven }) => !isProven);
  const proven = judged.length > 0 && missing.length === 0;
  const telling = proven ? judged : missing;
  const tallies = proxies.flatMap(({ rules }) => rules);
  const [least] = tallies
    .filter(({ spec }) => !holdsForNoTime(spec))
    .toSorted((a, b) => a.acted / a.matched - b.acted / b.matched);
  return {
    strength: proven ? "observed" : "none",
    proven,
    ...(telling.length === 0 ? { explanation: "no injection" } : saidBy(telling.map(({ note }) => note))),
    acted: proven && least ? { connections: least.acted, of: least.matched, unit: "request" } : null,
    isIdle: !proven && missing.every(({ isIdle }) => isIdle),
    targets: proxies.map(({ proxy, listen, upstream, baseline, fault, rules, routes }) => ({
      driver: "http",
      target: proxy,
      traffic: { listen, upstream, baseline, fault },
      evidence: {
        rules: rules.map(({ spec, ...counts }) => ({ ...spec, ...counts })),
        routes: routes.map(({ route, requests, actedOn, statuses }) => ({
          route,
          requests,
          actedOn,
          statuses: { ...statuses },
        })),
      },
    })),
  };
}

function judge(seen: ProxySeen, { spec, matched, chosen, acted }: RuleTally): JudgedRule {
  const { proxy } = seen;
  if (acted > 0) {
    const found = note("rule_acted", { proxy, acted, matched });
    return { isProven: true, isIdle: false, note: found };
  }
  if (matched === 0) return { isProven: false, isIdle: false, note: whyNoneMatched(seen, spec) };
  if (chosen > 0 && holdsForNoTime(spec)) {
    const found = note("rule_held_for_no_time", { proxy, matched });
    return { isProven: true, isIdle: false, note: found };
  }
  if (chosen === 0) {
    // So many did not come.
    const found = note("rule_chose_none", { proxy, matched });
    return { isProven: false, isIdle: true, note: found };
  }
  const found = note("nothing_to_do", { proxy, matched });
  return { isProven: false, isIdle: false, note: found };
}

/** A search may begin at no delay: there is nothing to see of it then, but who met it. */
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

function whyNoneMatched(
  { routes, unreadable, upstream, listen, proxy }: ProxySeen,
  spec: HttpRule,
): ToldNote {
  if (unreadable !== null) return note("no_http", { proxy, begin: unreadable.slice(0, 24) });
  if (routes.length === 0) return note("no_request", { proxy, upstream, listen });
  const most = routes.toSorted((a, b) => b.requests - a.requests);
  const wanted = [spec.method, spec.path].filter((part) => part !== undefined).join(" ");
  return note("no_such_request", {
    proxy,
    wanted: wanted === "" ? null : wanted,
    routes: most.slice(0, NAMED_ROUTES).map(({ route, requests }) => ({ route, requests })),
    more: Math.max(0, most.length - NAMED_ROUTES),
  });
}
