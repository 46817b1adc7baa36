/** The evidence when the server does not count what its toxics do: a real Toxiproxy. */

import { countOf } from "../../../support/count-of.js";
import { formatBytes } from "../../../support/format.js";
import type { TrafficCount } from "../../proof.js";
import { notesOf } from "../../proof-note.js";
import type { ToxicSpec } from "../../toxic.js";
import type { EvidenceGrade, ProxyEvidence } from "./evidence.js";
import type { ProbeResult } from "./probe.js";
import { proofNotes } from "./proof-notes.js";
import { hasRareEffect, nameOf } from "./toxic-effect.js";

const note = notesOf(proofNotes);

/** @param crossed bytes of connections that have closed meanwhile; null: the server does not count these, either. */
export function judgeUncounted(evidence: ProxyEvidence, crossed: TrafficCount | null): EvidenceGrade {
  const { proxy, probe, listen, parts } = evidence;
  if (probe?.kind === "refused") return { strength: "none", note: note("refuses", { proxy, listen }) };
  const traffic = trafficSeen(evidence, crossed);
  const shown = probe?.kind === "effect" ? probe.seen : "the server lists the toxics";
  const weaker = probe?.kind === "effect" ? "probed" : "listed";
  if (traffic === null) {
    const facts = { proxy, shown, traffic, open: [whatWasNotSeen(evidence, crossed)] };
    return { strength: weaker, note: note("uncounted", facts) };
  }
  const open = parts.flatMap(({ injection }) =>
    injection.kind === "toxic" ? (whatIsNotKnown(injection.toxic, probe) ?? []) : [],
  );
  return open.length === 0
    ? { strength: "observed", note: note("uncounted", { proxy, shown: null, traffic, open }) }
    : { strength: weaker, note: note("uncounted", { proxy, shown, traffic, open }) };
}

/** @returns null when there was none. An open but silent connection is no traffic. */
function trafficSeen({ listen, seen: { now } }: ProxyEvidence, crossed: TrafficCount | null): string | null {
  if (crossed && crossed.bytes > 0) return `${formatBytes(crossed.bytes)} crossed`;
  if (now && now.made > 0) return `connections were made to ${listen}, as this machine sees them`;
  if (now?.bytes)
    return `${formatBytes(now.bytes)} on ${countOf(now.open, "connection")} to ${listen}, as this machine sees them`;
  return null;
}

function whatWasNotSeen({ listen, seen: { now } }: ProxyEvidence, crossed: TrafficCount | null): string {
  const open = now?.open ? `${countOf(now.open, "connection")} open to ${listen} on this machine, but ` : "";
  const help = [
    ...(crossed === null ? ["start Toxiproxy with -proxy-metrics"] : []),
    ...(now?.open && now.bytes === null ? ["install ss (iproute2)"] : []),
  ].join(" or ");
  return `${open}whether traffic crossed was not seen${help && ` (to know, ${help})`}`;
}

/** Why it may not have acted on the traffic that was seen. @returns null when it must have. */
function whatIsNotKnown(toxic: ToxicSpec, probe: ProbeResult | null): string | null {
  if (toxic.toxicity < 1)
    return `which connections toxicity ${toxic.toxicity} chose for ${nameOf(toxic)} is not known`;
  const wasSeen = toxic.type === "reset_peer" && probe?.kind === "effect";
  return hasRareEffect(toxic) && !wasSeen ? `whether ${nameOf(toxic)} had an effect was not counted` : null;
}
