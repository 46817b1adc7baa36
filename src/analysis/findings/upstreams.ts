/** A dependency that refused connections by itself. What came of that is not the fault's doing. */

import type { UpstreamDials } from "../../faults/proof.js";
import type { PhaseRecord, RunRecord } from "../../measure/record.js";
import { bareHost } from "../../support/address.js";
import { countOf } from "../../support/count-of.js";
import { formatCount } from "../../support/format.js";

/** Share of the connections that were tried in a phase. Less may be a listener that was full for a moment. */
const LEAST_SHARE = 0.1;

/** Upstreams that refused connections in a phase, in words. @returns null when none did. */
export function refusedUpstreams({
  kind,
  upstreams = [],
}: Pick<PhaseRecord, "kind" | "upstreams">): string | null {
  const sentences = upstreams
    // A service that a fault has killed refuses because of it.
    .filter(({ refused, isByFault }) => refused > 0 && isByFault !== true)
    .map((dials) => sentenceOf(dials, kind));
  return sentences.length === 0 ? null : sentences.join(" ");
}

function sentenceOf(
  { proxy, upstream, dials, refused, isOurs }: UpstreamDials,
  kind: PhaseRecord["kind"],
): string {
  const when = kind === "fault" ? "while the fault was on" : `in the ${kind}`;
  return isOurs
    ? `${upstream}, the upstream of ${proxy}, refused a connection of faultline's own ${when}: no fault did that.`
    : `${upstream}, the upstream of ${proxy}, refused ${formatCount(refused)} of ${countOf(dials, "connection")} ${when}: no fault did that.`;
}

/**
 * Why a failure in this phase cannot be blamed on the fault. Where the load itself goes through the proxy, the upstream
 * is the system under test: its refusals are its own failures.
 * @returns null when no upstream refused many connections.
 */
export function whyUpstreamDecides(phase: PhaseRecord, { load }: Pick<RunRecord, "load">): string | null {
  const upstreams = (phase.upstreams ?? []).filter(
    ({ dials, refused, listen }) => refused >= LEAST_SHARE * dials && !isTarget(load.targetUrl, listen),
  );
  return refusedUpstreams({ kind: phase.kind, upstreams });
}

function isTarget(targetUrl: string, listen: string): boolean {
  const target = new URL(targetUrl);
  const port = listen.slice(listen.lastIndexOf(":") + 1);
  const host = bareHost(listen.slice(0, listen.lastIndexOf(":")));
  const isSameHost = bareHost(target.hostname) === host || (isLocal(target.hostname) && isLocal(host));
  return isSameHost && target.port === port;
}

function isLocal(host: string): boolean {
  return ["localhost", "127.0.0.1", "::1", "[::1]"].includes(host);
}
