import type { AnswerSample, PhaseRecord } from "./record.js";

/** The example of an answer that was bad for this reason. The reason is a key among the counts. */
export function sampleFor(
  { samples }: Pick<PhaseRecord, "samples">,
  reason: string | null,
): AnswerSample | undefined {
  return samples?.find((sample) => sample.reason === reason);
}

/** Characters of a body that are shown. A text that was cut ends in "…", which counts as one of them. */
const SAMPLE_CHARACTERS = 200;

/**
 * The examples of bad answers as the record keeps them: one line without control characters, cut. Call it only after
 * secrets are masked: half of a secret would not be found.
 */
export function withShortSamples<T extends Pick<PhaseRecord, "samples">>(phases: readonly T[]): T[] {
  return phases.map((phase) =>
    phase.samples === undefined ? phase : { ...phase, samples: phase.samples.map(shortSample) },
  );
}

function shortSample(sample: AnswerSample): AnswerSample {
  const line = sample.body.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s\ufffd]+/gu, " ").trim();
  const characters = [...line];
  return {
    ...sample,
    body:
      characters.length > SAMPLE_CHARACTERS
        ? `${characters.slice(0, SAMPLE_CHARACTERS - 1).join("")}…`
        : line,
  };
}
