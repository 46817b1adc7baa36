/** What a sidecar has counted of the requests that it sent, as its page of metrics says. Pure. */

export interface SentRequests {
  readonly requests: number;
  /** Response flags of Envoy: FI, a fault was injected. */
  readonly aborted: number;
  /** DI, a delay was injected. */
  readonly delayed: number;
}

export const NONE_SENT: SentRequests = { requests: 0, aborted: 0, delayed: 0 };

const LINE = /^istio_requests_total\{(.*)\} ([0-9.eE+-]+)\s*$/;
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;

/**
 * @param page in Prometheus' text format, from :15090/stats/prometheus of the pod.
 * @param host as the action names it.
 */
export function sentRequests(page: string, host: string): SentRequests {
  const counted: { -readonly [Key in keyof SentRequests]: number } = { ...NONE_SENT };
  const [wanted = ""] = host.split(".");
  for (const line of page.split("\n")) {
    const [, labelled, value] = LINE.exec(line) ?? [];
    if (labelled === undefined) continue;
    const labels = new Map([...labelled.matchAll(LABEL)].map(([, name = "", text = ""]) => [name, text]));
    if (labels.get("reporter") !== "source") continue;
    const [service = ""] = (labels.get("destination_service") ?? "").split(".");
    if (service !== wanted) continue;
    const count = Number(value);
    const flags = (labels.get("response_flags") ?? "").split(",");
    counted.requests += count;
    if (flags.includes("FI")) counted.aborted += count;
    if (flags.includes("DI")) counted.delayed += count;
  }
  return counted;
}

/** What came to all pods between two looks. A pod that is new, or was started again, began at 0. */
export function sentSince(
  before: ReadonlyMap<string, SentRequests>,
  after: ReadonlyMap<string, SentRequests>,
): SentRequests {
  const total: { -readonly [Key in keyof SentRequests]: number } = { ...NONE_SENT };
  for (const [pod, now] of after) {
    const then = before.get(pod) ?? NONE_SENT;
    const from = now.requests < then.requests ? NONE_SENT : then;
    total.requests += now.requests - from.requests;
    total.aborted += now.aborted - from.aborted;
    total.delayed += now.delayed - from.delayed;
  }
  return total;
}
