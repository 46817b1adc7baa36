import type { SignalSpec } from "./signal-spec.js";

/** "max(queue_depth) at http://127.0.0.1:9090" */
export function signalText({ reads, source }: Pick<SignalSpec, "reads" | "source">): string {
  const what = reads.of === "counts" ? `${reads.bad} of ${reads.total}` : reads.value || "the answer";
  return `${what} at ${source.url}`;
}
