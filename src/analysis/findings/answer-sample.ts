import type { AnswerSample, PhaseRecord } from "../../measure/record.js";

/** Of the bad answers of which there is a readable example one that was bad for the most frequent reason. */
export function mostFrequentSample({
  reasons,
  samples = [],
}: Pick<PhaseRecord, "reasons" | "samples">): AnswerSample | null {
  const [most] = samples
    .filter(({ body }) => body !== "")
    .sort((a, b) => (reasons[b.reason] ?? 0) - (reasons[a.reason] ?? 0));
  return most ?? null;
}

/** How it began. */
export function sampleSentence({ request, status, body }: AnswerSample): string {
  return `An answer to "${request}" with status ${status} began: ${body}`;
}
