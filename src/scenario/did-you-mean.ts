import { nearest } from "../support/suggestion.js";

/** "; did you mean `X`?" or nothing. slow-close, slowClose and slow_close are the same word. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const known = [...candidates];
  const found = known.find((candidate) => fold(candidate) === fold(word)) ?? nearest(word, known);
  return found === null ? "" : `; did you mean \`${found}\`?`;
}

function fold(word: string): string {
  return word.toLowerCase().replace(/[-_ ]/g, "");
}
