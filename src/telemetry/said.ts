import { oneLine } from "../support/printable.js";

const MOST_SAID = 300;
/** A secret that begins in the part that is shown is masked as a whole when it is no longer than this. */
const MASKED_BEYOND = 20_000;

/** A receiver's own words, as a trouble keeps them: secrets are still in them, and room for whole ones. */
export function saidIn(text: string): string {
  return text.slice(0, MOST_SAID + MASKED_BEYOND);
}

/** The same, as they may be shown. Half a secret would not be found any more: they are masked before they are cut. */
export function shownWords(said: string, mask: (text: string) => string): string {
  return oneLine(mask(said)).slice(0, MOST_SAID);
}
