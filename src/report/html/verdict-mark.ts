import { VERDICT_WORDS } from "../shown/verdict-words.js";
import { type Markup, markup } from "./markup.js";

/** Sign and word of a verdict, never colour alone. */
export function verdictMark(verdict: keyof typeof VERDICT_WORDS): Markup {
  const { sign, word, tone } = VERDICT_WORDS[verdict];
  return markup`<span class="mark ${tone}"><span aria-hidden="true">${sign}</span> ${word}</span>`;
}
