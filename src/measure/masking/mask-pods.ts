import type { PodsRecord } from "../pods/pod-record.js";

type Mask = (text: string) => string;

/** Uids tell nobody anything. */
export function maskPods(pods: PodsRecord, mask: Mask): PodsRecord {
  return {
    ...pods,
    namespaces: pods.namespaces.map(mask),
    pods: pods.pods.map((pod) => ({
      ...pod,
      namespace: mask(pod.namespace),
      name: mask(pod.name),
      labels: Object.fromEntries(Object.entries(pod.labels).map(([key, value]) => [mask(key), mask(value)])),
      owner: pod.owner && { kind: pod.owner.kind, name: mask(pod.owner.name) },
    })),
    changes: pods.changes.map((change) => ({ ...change, happened: maskHappened(change.happened, mask) })),
    gaps: pods.gaps.map((gap) => ({ ...gap, namespace: mask(gap.namespace) })),
  };
}

type Happened = PodsRecord["changes"][number]["happened"];

function maskHappened(happened: Happened, mask: Mask): Happened {
  switch (happened.kind) {
    case "restarted":
      return { ...happened, container: mask(happened.container), ...maskEnd(happened, mask) };
    case "stuck":
      return {
        ...happened,
        container: mask(happened.container),
        why: mask(happened.why),
        lastEnd: happened.lastEnd && maskEnd(happened.lastEnd, mask),
      };
    case "failed":
      return { ...happened, reason: mask(happened.reason) };
    default:
      return happened;
  }
}

function maskEnd(end: { readonly reason: string | null; readonly exitCode: number | null }, mask: Mask) {
  return { reason: end.reason === null ? null : mask(end.reason), exitCode: end.exitCode };
}
