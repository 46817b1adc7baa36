/** What a sidecar has counted of the requests that it sent, as its page of metrics says. Pure. */

import { metricLines } from "../cluster/metric-lines.js";
import { wholeHost } from "./virtual-service.js";

export type SentRequests = {
  readonly requests: number;
  /** Response flags of Envoy: FI, a fault was injected. */
  readonly aborted: number;
  /** DI, a delay was injected. */
  readonly delayed: number;
};

export const NONE_SENT: SentRequests = { requests: 0, aborted: 0, delayed: 0 };

/**
 * @param page in Prometheus' text format, from :15090/stats/prometheus of the pod.
 * @param host as the action names it.
 * @param namespace of the action: a host without one is there.
 */
export function sentRequests(page: string, host: string, namespace: string): SentRequests {
  const counted: { -readonly [Key in keyof SentRequests]: number } = { ...NONE_SENT };
  const wanted = wholeHost(host, namespace);
  for (const { labels, value } of metricLines(page, "istio_requests_total")) {
    if (labels.get("reporter") !== "source") continue;
    if (wholeHost(labels.get("destination_service") ?? "", namespace) !== wanted) continue;
    const flags = (labels.get("response_flags") ?? "").split(",");
    counted.requests += value;
    if (flags.includes("FI")) counted.aborted += value;
    if (flags.includes("DI")) counted.delayed += value;
  }
  return counted;
}
