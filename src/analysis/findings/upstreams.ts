/** A dependency that refused connections by itself. What came of that is not the fault's doing. */

import type { UpstreamDials } from "../../faults/proof.js";
import type { PhaseRecord, RunRecord } from "../../measure/record.js";
import { bareHost } from "../../support/address.js";
import type { Reason } from "../document/report.js";
import { reason } from "../reasons/reasons.js";

/**
 * Share of the connections that were tried in a phase, beyond the baseline's. Less may be a listener that was full for a
 * moment.
 */
const LEAST_SHARE = 0.1;

/** Upstreams that refused connections in a phase. @returns [] when none did. */
export function refusedUpstreams({
  kind,
  upstreams = [],
}: Pick<PhaseRecord, "kind" | "upstreams">): readonly Reason[] {
  // A service that a fault has killed refuses because of it.
  return upstreams
    .filter(hasRefused)
    .map(({ proxy, upstream, dials, refused, isOurs = false }) =>
      reason("upstream_refused", { phase: kind, proxy, upstream, dials, refused, isOurs }),
    );
}

function hasRefused({ refused, isByFault }: UpstreamDials): boolean {
  return refused > 0 && isByFault !== true;
}

/**
 * Why a failure in this phase cannot be blamed on the fault. Where the load itself goes through the proxy, the upstream
 * is the system under test: its refusals are its own failures. What refused as much in the baseline explains nothing
 * that the baseline did not show.
 * @returns [] when no upstream refused many connections more than in the baseline.
 */
export function whyUpstreamDecides(
  phase: PhaseRecord,
  { load, phases }: Pick<RunRecord, "load" | "phases">,
): readonly Reason[] {
  const baseline = phases.find(({ kind }) => kind === "baseline")?.upstreams ?? [];
  const upstreams = (phase.upstreams ?? []).filter((upstream) => {
    const before = baseline.find(({ proxy }) => proxy === upstream.proxy);
    const more = refusedShare(upstream) - (before ? refusedShare(before) : 0);
    return more >= LEAST_SHARE && !isTarget(load.targetUrl, upstream.listen);
  });
  return refusedUpstreams({ kind: phase.kind, upstreams });
}

function refusedShare({ dials, refused }: UpstreamDials): number {
  return dials === 0 ? 0 : refused / dials;
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
