/** The words and signs for verdicts, phases and outcomes in every report. Imports nothing: see format.ts. */

export interface VerdictWords {
  readonly sign: string;
  readonly word: string;
  /** What the colour means: good, bad, undecided, or of no weight. */
  readonly tone: "good" | "bad" | "unsure" | "muted";
}

/** Each verdict has its own sign and its own word, so colour never tells it alone. */
export const VERDICT_WORDS = {
  pass: { sign: "✓", word: "pass", tone: "good" },
  fail: { sign: "✗", word: "fail", tone: "bad" },
  inconclusive: { sign: "?", word: "inconclusive", tone: "unsure" },
  invalid: { sign: "!", word: "invalid", tone: "unsure" },
  not_run: { sign: "–", word: "not run", tone: "muted" },
  aborted: { sign: "■", word: "aborted", tone: "bad" },
} as const satisfies Record<string, VerdictWords>;

export const OUTCOME_WORDS = {
  ok: "ok",
  http_error: "HTTP error",
  timeout: "timeout",
  refused: "refused",
  reset: "reset",
  unsent: "unsent",
} as const;
