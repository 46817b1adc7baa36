import { nearest } from "../../support/names/suggestion.js";

/** "; did you mean `X`?", or "". */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const found = nearestWord(word, candidates);
  return found === null ? "" : `; did you mean \`${found}\`?`;
}

/** Compares words as `fold` does: slow-close, slowClose and slow_close are the same word. "up" can only be upstream. */
export function nearestWord(word: string, candidates: Iterable<string>): string | null {
  const known = [...candidates];
  const spelled = known.find((candidate) => fold(candidate) === fold(word));
  const [begun, ...others] = word.length < 2 ? [] : known.filter((candidate) => candidate.startsWith(word));
  return spelled ?? (others.length === 0 ? begun : undefined) ?? nearest(word, known);
}

/** slow-close, slowClose and slow_close all give the same text. */
export function fold(word: string): string {
  return word.toLowerCase().replace(/[-_ ]/g, "");
}
