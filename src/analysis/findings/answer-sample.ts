import type { AnswerSample, PhaseRecord } from "../../measure/record.js";
import { statusShown } from "../../support/names/grpc-status.js";

/** The example of a bad answer to show: the most frequent reason that has a readable example. */
export function mostFrequentSample({
  reasons,
  samples = [],
}: Pick<PhaseRecord, "reasons" | "samples">): AnswerSample | null {
  const [most] = samples
    .filter(({ body }) => body !== "")
    .sort((a, b) => (reasons[b.reason] ?? 0) - (reasons[a.reason] ?? 0));
  return most ?? null;
}

/** How a bad answer began, as a sentence. */
export function answerSampleSentence({ request, status, body }: AnswerSample): string {
  return `An answer to "${request}" with status ${statusShown(status)} began: ${body}`;
}
