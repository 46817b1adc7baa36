import { formatCount } from "../format.js";
import { oneLine } from "../printable.js";

const MOST_SAID = 300;
/** A secret that begins in the part that is shown is masked as a whole when it is no longer than this. */
const MASKED_BEYOND = 20_000;

/** Another program's own words, as a trouble keeps them: secrets are still in them, and room for whole ones. */
export function saidIn(text: string, most = MOST_SAID, beyond = MASKED_BEYOND): string {
  return text.slice(0, most + beyond);
}

/** The same, as they may be shown. Half a secret would not be found any more: they are masked before they are cut. */
export function shownWords(said: string, mask: (text: string) => string, most = MOST_SAID): string {
  return oneLine(mask(said)).slice(0, most);
}

/**
 * The same where no secrets are known: all of it, or only what it is and how long. Of a text that was cut, half a secret might
 * be left.
 */
export function wholeOrSize(said: string, most = MOST_SAID): string {
  if (said.length <= most) return said;
  const what = /^\s*<(?:!doctype|html)\b/i.test(said) ? "a page of HTML" : "a text";
  return `${what} of ${formatCount(said.length)} characters`;
}
