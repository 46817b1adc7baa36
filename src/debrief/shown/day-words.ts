import type { GameDayVerdict } from "../../gameday/report/game-day-report.js";
import { VERDICT_WORDS, type VerdictWords } from "../../report/shown/verdict-words.js";

interface DayWords extends VerdictWords {
  /** Begins the page. */
  readonly headline: string;
}

/** Words for the verdict of a whole day. */
export const DAY_WORDS = {
  pass: { ...VERDICT_WORDS.pass, headline: "Passed" },
  fail: { ...VERDICT_WORDS.fail, headline: "Failed" },
  inconclusive: { ...VERDICT_WORDS.inconclusive, headline: "Inconclusive" },
  invalid: { ...VERDICT_WORDS.invalid, headline: "Invalid" },
  aborted: { ...VERDICT_WORDS.aborted, headline: "Aborted" },
  error: { sign: "✗", word: "error", tone: "bad", headline: "Could not be run" },
  interrupted: { sign: "■", word: "interrupted", tone: "muted", headline: "Interrupted" },
  postponed: { sign: "–", word: "postponed", tone: "muted", headline: "Postponed" },
} as const satisfies Record<GameDayVerdict, DayWords>;

/** Words for the verdict of a scenario or a fault. day.json has these verdicts as texts. */
export function wordsOfVerdict(verdict: string | null, exitCode: number | null): VerdictWords {
  if (verdict !== null) return isVerdict(verdict) ? VERDICT_WORDS[verdict] : VERDICT_WORDS.inconclusive;
  return exitCode === null ? VERDICT_WORDS.not_run : DAY_WORDS.error;
}

function isVerdict(text: string): text is keyof typeof VERDICT_WORDS {
  return Object.hasOwn(VERDICT_WORDS, text);
}

/** Words for whether the expectation of a scenario was met. */
export const EXPECTATION_WORDS = {
  met: { sign: "✓", word: "as expected", tone: "good" },
  not_met: { sign: "✗", word: "not as expected", tone: "bad" },
  open: { sign: "?", word: "not decided", tone: "unsure" },
  none: { sign: "–", word: "nothing expected", tone: "muted" },
} as const satisfies Record<string, VerdictWords>;
