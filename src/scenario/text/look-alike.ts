import { nearest } from "../../support/names/suggestion.js";
import { scenarioSchema } from "../schema/scenario.js";

const KEYS: readonly string[] = [...Object.keys(scenarioSchema.shape), "extends", "include", "vars"];

/** Lines that are looked at. */
const MOST_LINES = 1000;

/**
 * Whether a text looks like a scenario or a part of one: it has `faultline:`, or at least half of the words at its left
 * margin are keys of the format (or almost). Nothing of any other file may be shown: it may be a key or a password list
 * that a scenario names to see it in the log.
 */
export function looksLikeScenario(text: string): boolean {
  const flow = /^\s*\{\s*["']?([\w-]+)/.exec(text);
  if (flow) return isKey(flow[1]!);
  let known = 0;
  let others = 0;
  for (const line of text.split(/\r?\n/)) {
    // Skips continued lines, comments, list items, and the ends of documents and of brackets.
    if (/^(?:\s|#|-|\.\.\.|[\]}]|$)/.test(line)) continue;
    const [, key = ""] = /^\uFEFF?["']?([\w-]+)["']?\s*:(?:\s|$)/.exec(line) ?? [];
    if (key === "faultline") return true;
    if (isKey(key)) known += 1;
    else others += 1;
    if (known + others === MOST_LINES) break;
  }
  return known > 0 && known >= others;
}

function isKey(word: string): boolean {
  return KEYS.includes(word) || (word !== "" && nearest(word, KEYS) !== null);
}
