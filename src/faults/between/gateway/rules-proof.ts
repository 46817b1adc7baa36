/** What the rules of a fault have come to, as a proof says it. */

import type { HttpRoute } from "../../http-traffic.js";
import type { InjectionProof, TrafficCount } from "../../proof.js";
import { saidBy, type ToldNote } from "../../proof-note.js";
import type { RuleTally } from "../rules/rule.js";

/** What is known of one proxy with rules, at the end of a fault. */
export interface ProxySeen<Spec> {
  readonly proxy: string;
  readonly listen: string;
  readonly upstream: string;
  readonly rules: readonly RuleTally<Spec>[];
  readonly routes: readonly HttpRoute[];
  readonly unreadable: string | null;
  /** Requests that have no end yet. */
  readonly open: number;
  /** The most that was held at once of the requests of one connection, or of its answers. */
  readonly mostHeldBytes: number;
  /** Requests over HTTP/2 whose rule slows headers down. */
  readonly notSlowed: number;
  /** Connections on which the client spoke HTTP/2, and the upstream HTTP/1. */
  readonly http2Refused: number;
  readonly baseline: TrafficCount | null;
  readonly fault: TrafficCount | null;
}

interface Met {
  readonly proxy: string;
  /** Requests that met the rule. */
  readonly matched: number;
}

/** How one driver says it. */
export interface RuleWords<Spec> {
  readonly driver: string;
  /** A search may begin at no delay: there is nothing to see of it then, but who met it. */
  holdsForNoTime(spec: Spec): boolean;
  acted(facts: Met & { readonly acted: number }): ToldNote;
  heldForNoTime(facts: Met): ToldNote;
  choseNone(facts: Met): ToldNote;
  nothingToDo(facts: Met, seen: ProxySeen<Spec>): ToldNote;
  noneMatched(seen: ProxySeen<Spec>, spec: Spec): ToldNote;
  /** What is to be told beside, whatever became of the rules. */
  beside(seen: ProxySeen<Spec>): readonly ToldNote[];
}

/** Routes that are named where a rule met nothing. */
const NAMED_ROUTES = 5;

/** What crossed instead, most requests first. */
export function namedRoutes(routes: readonly HttpRoute[]) {
  const most = routes.toSorted((a, b) => b.requests - a.requests);
  return {
    routes: most.slice(0, NAMED_ROUTES).map(({ route, requests }) => ({ route, requests })),
    more: Math.max(0, most.length - NAMED_ROUTES),
  };
}

interface JudgedRule {
  readonly isProven: boolean;
  readonly isIdle: boolean;
  readonly note: ToldNote;
}

export function proofOfRules<Spec extends object>(
  proxies: readonly ProxySeen<Spec>[],
  words: RuleWords<Spec>,
): InjectionProof {
  const judged = proxies.flatMap((seen) => seen.rules.map((rule) => judge(seen, rule, words)));
  const missing = judged.filter(({ isProven }) => !isProven);
  const proven = judged.length > 0 && missing.length === 0;
  const telling = proven ? judged : missing;
  const beside = proxies.flatMap((seen) => words.beside(seen));
  const tallies = proxies.flatMap(({ rules }) => rules);
  const [least] = tallies
    .filter(({ spec }) => !words.holdsForNoTime(spec))
    .toSorted((a, b) => a.acted / a.matched - b.acted / b.matched);
  return {
    strength: proven ? "observed" : "none",
    proven,
    ...(telling.length === 0
      ? { explanation: "no injection" }
      : saidBy([...telling.map(({ note }) => note), ...beside])),
    acted: proven && least ? { connections: least.acted, of: least.matched, unit: "request" } : null,
    isIdle: !proven && missing.every(({ isIdle }) => isIdle),
    targets: proxies.map(({ proxy, listen, upstream, baseline, fault, rules, routes }) => ({
      driver: words.driver,
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

function judge<Spec>(
  seen: ProxySeen<Spec>,
  { spec, matched, chosen, acted }: RuleTally<Spec>,
  words: RuleWords<Spec>,
): JudgedRule {
  const { proxy } = seen;
  if (acted > 0) return { isProven: true, isIdle: false, note: words.acted({ proxy, acted, matched }) };
  if (matched === 0) return { isProven: false, isIdle: false, note: words.noneMatched(seen, spec) };
  if (chosen > 0 && words.holdsForNoTime(spec)) {
    return { isProven: true, isIdle: false, note: words.heldForNoTime({ proxy, matched }) };
  }
  // So many did not come.
  if (chosen === 0) return { isProven: false, isIdle: true, note: words.choseNone({ proxy, matched }) };
  return { isProven: false, isIdle: false, note: words.nothingToDo({ proxy, matched }, seen) };
}
