import type { PhaseRecord } from "../../measure/record.js";

/** How an answer began that was bad for the most frequent reason of which there is a readable example. */
export function sampleSentence({
  reasons,
  samples = [],
}: Pick<PhaseRecord, "reasons" | "samples">): string | null {
  const [most] = samples
    .filter(({ body }) => body !== "")
    .sort((a, b) => (reasons[b.reason] ?? 0) - (reasons[a.reason] ?? 0));
  return most ? `An answer to "${most.request}" with status ${most.status} began: ${most.body}` : null;
}
