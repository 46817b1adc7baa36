/** Why no data crossed a proxy, as far as its counters tell: the likely cause of a fault that touched nothing. */

import type { TrafficCount } from "../../proof.js";
import { notesOf, type ToldNote } from "../../proof-note.js";
import { alwaysAroundHint } from "../../wire/around-the-proxy.js";
import { countBetween } from "../client/counters.js";
import type { ProxyEvidence } from "./evidence.js";
import { proofNotes } from "./proof-notes.js";

const note = notesOf(proofNotes);

export function whyNothingCrossed(evidence: ProxyEvidence, crossed: TrafficCount): ToldNote {
  const { atBaseline, afterBaseline, before, now } = evidence.counters;
  const { proxy, upstream } = evidence;
  const connections = crossed.connections ?? 0;
  const failed = (now?.connections?.withoutUpstream ?? 0) - (before?.connections?.withoutUpstream ?? 0);
  if (connections > 0 && failed > 0) return note("upstream_unreachable", { proxy, failed, upstream });
  const baseline = countBetween(atBaseline, afterBaseline);
  if (connections === 0 && baseline?.connections) {
    const hint = baseline.bytes === 0 ? hintFor(evidence) : null;
    return note("used_before_only", { proxy, connections: baseline.connections, hint });
  }
  return whyUnused(evidence, connections, "while the fault was on");
}

function hintFor({ upstream, counters }: ProxyEvidence): string | null {
  return alwaysAroundHint(upstream, counters.now?.protocols ?? []);
}

/** @param when "in the baseline": the time that had this many connections and not a byte. */
export function whyUnused(evidence: ProxyEvidence, connections: number, when: string): ToldNote {
  const { proxy, listen, counters } = evidence;
  const hint = hintFor(evidence);
  if (connections > 0) return note("nothing_crossed", { proxy, connections, when, hint });
  const { now } = counters;
  if (!now?.connections?.total) return note("never_connected", { proxy, listen, hint });
  const earlier = { connections: now.connections.total, bytes: now.bytes };
  return note("connected_earlier", { proxy, listen, ...earlier, when, hint });
}
