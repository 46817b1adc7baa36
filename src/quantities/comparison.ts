type Comparator = "<" | "<=" | ">" | ">=";

const COMPARISON = /^\s*(<=|>=|<|>)\s*([-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?)\s*$/;

/** A comparison with a number, such as ">= 0". @returns null when the text is none. */
export function parseComparison(text: string): Readonly<Partial<Record<Comparator, number>>> | null {
  if (text.length > 60) return null;
  const [, comparator, bound] = COMPARISON.exec(text) ?? [];
  return comparator === undefined ? null : { [comparator]: Number(bound) };
}

/** Whether the text looks like a comparison, though it is none that is known. */
export function looksLikeComparison(text: string): boolean {
  return /^\s*(?:[<>]=|[=!]=|[<>]\s*[-+.]?\d|[<>]\s+\S)/.test(text) && parseComparison(text) === null;
}
