/**
 * Whether what crosses a proxy can be what the load asks for, or only traffic beside it: a heartbeat, a health check.
 */

import type { TargetProof } from "../../faults/proof.js";
import { aroundTheProxyHint } from "../../faults/wire/around-the-proxy.js";
import { formatBytes } from "../../support/format.js";
import type { PhaseView } from "../measurement/phase-view.js";
import { countOf } from "../wording/wording.js";
import { type Told, told } from "./finding.js";

/** Reads from clients per request of the load. Below this most of the load does without the proxy. */
const FEW_READS_PER_REQUEST = 0.1;
/**
 * Bytes per request of the load, both ways. A call to a cache takes more than this (a Redis GET that finds nothing: 27
 * B). Above it, many calls may have come in few reads.
 */
const FEW_BYTES_PER_REQUEST = 20;

/** A warning for each target that hardly anything crossed in the baseline, compared with the load. */
export function littleCrossed(targets: readonly TargetProof[], baseline: PhaseView | null): Told[] {
  const requests = baseline?.counts(null).scheduled ?? 0;
  return targets.flatMap(({ target, traffic }) => {
    const crossed = traffic?.baseline;
    const reads = crossed?.clientReads ?? null;
    // A server that does not count reads counts bytes late.
    if (!crossed || reads === null) return [];
    const isFew = reads < FEW_READS_PER_REQUEST * requests;
    if (!isFew || crossed.bytes >= FEW_BYTES_PER_REQUEST * requests) return [];
    const { upstream = "", protocols = [] } = traffic ?? {};
    const text =
      `Only ${countOf(reads, "message")} (${formatBytes(crossed.bytes)}) crossed ${target} in the baseline, for ${countOf(requests, "request")}: ` +
      (aroundTheProxyHint(upstream, protocols) ??
        "it may be a heartbeat, while the load's own traffic goes around the proxy.");
    return [
      told(text, {
        target,
        messages: reads,
        bytes: crossed.bytes,
        requests,
        ...(protocols.length > 0 && { protocols }),
      }),
    ];
  });
}
