/** Why no data crossed a proxy, as far as its counters tell: the likely cause of a fault that touched nothing. */

import { countOf } from "../../../support/count-of.js";
import { formatBytes } from "../../../support/format.js";
import type { TrafficCount } from "../../proof.js";
import { alwaysAroundHint } from "../../wire/around-the-proxy.js";
import { countBetween } from "../client/counters.js";
import type { ProxyEvidence } from "./evidence.js";

export function whyNothingCrossed(evidence: ProxyEvidence, crossed: TrafficCount): string {
  const { atBaseline, afterBaseline, before, now } = evidence.counters;
  const connections = crossed.connections ?? 0;
  const failed = (now?.connections?.withoutUpstream ?? 0) - (before?.connections?.withoutUpstream ?? 0);
  if (connections > 0 && failed > 0)
    return `${countOf(failed, "connection")} could not reach the upstream ${evidence.upstream}: is it running?`;
  const baseline = countBetween(atBaseline, afterBaseline);
  if (connections === 0 && baseline?.connections) {
    const unused = `${countOf(baseline.connections, "connection")} in the baseline, none while the fault was on: does the load still reach what uses it?`;
    return baseline.bytes === 0 ? withHint(evidence, unused) : unused;
  }
  return whyUnused(evidence, connections, "while the fault was on");
}

/** @param when "in the baseline": the time that had this many connections and not a byte. */
export function whyUnused(evidence: ProxyEvidence, connections: number, when: string): string {
  return withHint(evidence, unused(evidence, connections, when));
}

/** @param why ends with its own mark. */
function withHint({ upstream, counters }: ProxyEvidence, why: string): string {
  const hint = alwaysAroundHint(upstream, counters.now?.protocols ?? []);
  return hint === null ? why : `${why} ${hint}`;
}

function unused({ proxy, listen, counters }: ProxyEvidence, connections: number, when: string): string {
  if (connections > 0)
    return `${countOf(connections, "connection")} open, but not a byte crossed ${when}: does the load reach what uses it?`;
  const { now } = counters;
  if (!now?.connections?.total)
    return `the service never connected to ${listen}: is its address set from \${proxies.${proxy}.listen}?`;
  const earlier = `${countOf(now.connections.total, "connection")}, ${formatBytes(now.bytes)}`;
  return `the service was connected to ${listen} earlier (${earlier}), but not ${when}: does the load reach what uses it?`;
}
