/** What the rules of a fault have come to, as a proof says it. */

import { countOf } from "../../support/count-of.js";
import { formatCount } from "../../support/format.js";
import type { HttpRule } from "../http-rule.js";
import type { HttpRoute } from "../http-traffic.js";
import type { InjectionProof, TrafficCount } from "../proof.js";
import type { RuleTally } from "./gateway/rules/rule.js";

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

interface Told {
  readonly isProven: boolean;
  readonly isIdle: boolean;
  readonly text: string;
}

/** Routes that are named where a rule met nothing. */
const NAMED_ROUTES = 5;

export function proofOf(proxies: readonly ProxySeen[]): InjectionProof {
  const told = proxies.flatMap((seen) => seen.rules.map((rule) => toldOf(seen, rule)));
  const missing = told.filter(({ isProven }) => !isProven);
  const proven = told.length > 0 && missing.length === 0;
  const telling = proven ? told : missing;
  const tallies = proxies.flatMap(({ rules }) => rules);
  const [least] = tallies
    .filter(({ spec }) => !holdsForNoTime(spec))
    .toSorted((a, b) => a.acted / a.matched - b.acted / b.matched);
  return {
    strength: proven ? "observed" : "none",
    proven,
    explanation: telling.length === 0 ? "no injection" : telling.map(({ text }) => text).join("; "),
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

function toldOf(seen: ProxySeen, { spec, matched, chosen, acted }: RuleTally): Told {
  const on = (text: string) => `${seen.proxy}: ${text}`;
  if (acted > 0) {
    const text = on(`acted on ${formatCount(acted)} of ${countOf(matched, "request")}`);
    return { isProven: true, isIdle: false, text };
  }
  if (matched === 0) return { isProven: false, isIdle: false, text: on(whyNoneMatched(seen, spec)) };
  const met = `${countOf(matched, "request")} met the rule`;
  if (chosen > 0 && holdsForNoTime(spec)) {
    return { isProven: true, isIdle: false, text: on(`${met}, and its delay of 0 ms held none of them`) };
  }
  // So many did not come.
  if (chosen === 0) return { isProven: false, isIdle: true, text: on(`${met}, and it chose none of them`) };
  return {
    isProven: false,
    isIdle: false,
    text: on(`${met}, and there was nothing to do to their answers: they had no body, or none came`),
  };
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

function whyNoneMatched({ routes, unreadable, upstream, listen, proxy }: ProxySeen, spec: HttpRule): string {
  if (unreadable !== null) {
    return `what crosses is no HTTP/1.1: it begins with ${JSON.stringify(unreadable.slice(0, 24))}${protocolOf(unreadable)}. Leave out \`protocol: http\`, or lead another connection through ${proxy}`;
  }
  if (routes.length === 0)
    return `no request crossed to ${upstream}: is the service's address set from \${proxies.${proxy}.listen} (${listen})?`;
  const most = routes.toSorted((a, b) => b.requests - a.requests);
  const named = most.slice(0, NAMED_ROUTES).map(({ route, requests }) => `${route} (${requests})`);
  const rest = most.length > NAMED_ROUTES ? ` and ${most.length - NAMED_ROUTES} more` : "";
  const wanted = [spec.method, spec.path].filter((part) => part !== undefined).join(" ");
  return `no request ${wanted === "" ? "met the rule" : `was ${wanted}`}; what crossed: ${named.join(", ")}${rest}`;
}

function protocolOf(begin: string): string {
  if (begin.startsWith("PRI * HTTP/2")) return " (HTTP/2)";
  if (begin.startsWith("\u0016\u0003")) return " (TLS)";
  return /^[*$+:-]\d/.test(begin) ? " (the protocol of Redis)" : "";
}
