import { nearest } from "../support/suggestion.js";

/** "; did you mean `X`?" or nothing. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const found = nearestWord(word, candidates);
  return found === null ? "" : `; did you mean \`${found}\`?`;
}

/** slow-close, slowClose and slow_close are the same word. */
export function nearestWord(word: string, candidates: Iterable<string>): string | null {
  const known = [...candidates];
  return known.find((candidate) => fold(candidate) === fold(word)) ?? nearest(word, known);
}

function fold(word: string): string {
  return word.toLowerCase().replace(/[-_ ]/g, "");
}
