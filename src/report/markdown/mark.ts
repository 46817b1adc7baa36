import { VERDICT_WORDS } from "../shown/verdict-words.js";

/** "✅ pass" */
export function markdownMark(verdict: keyof typeof VERDICT_WORDS): string {
  const icons = {
    pass: "✅",
    fail: "❌",
    inconclusive: "❔",
    invalid: "⚠️",
    not_run: "⏭️",
    aborted: "🛑",
  } as const;
  return `${icons[verdict]} ${VERDICT_WORDS[verdict].word}`;
}
