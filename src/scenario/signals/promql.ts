/** What has to be known of a PromQL query without a server: which series it reads, and how far back. */

export interface PromQl {
  /** As they stand in the query, each once: `orders_total{code="500"}`. */
  readonly selectors: readonly string[];
  /** A value at one time is of the time so long before it. 0: of that moment. */
  readonly reachMs: number;
  /** Functions and aggregations. */
  readonly functions: readonly string[];
  /** `offset` or `@`: it reads another time. */
  readonly isShifted: boolean;
}

type Token =
  | { readonly kind: "name" | "matchers" | "range" | "other"; readonly text: string }
  /** What `by (…)` and its like hold. */
  | { readonly kind: "labels"; readonly text: string };

const SPACE = /\s+|#[^\n]*/y;
const STRING = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`/y;
const NAME = /[A-Za-z_:][\w:]*/y;
const MATCHERS = /\{(?:[^{}"'`]|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)*\}/y;
const RANGE = /\[[^[\]]*\]/y;
const LABELS = /\s*\([^()]*\)/y;
const NUMBER = /\d[\w.]*/y;

const TAKES_LABELS = new Set(["by", "without", "on", "ignoring", "group_left", "group_right"]);
const WORDS = new Set(["and", "or", "unless", "atan2", "bool", "offset", "inf", "nan", ...TAKES_LABELS]);
const BEFORE_LABELS = new Set(["by", "without"]);

/** @returns null when its brackets or quotes do not close. The server says what else may be wrong. */
export function readPromQl(query: string): PromQl | null {
  const tokens = tokensOf(query);
  if (tokens === null) return null;
  const selectors = new Set<string>();
  const functions: string[] = [];
  let isShifted = false;
  for (const [at, token] of tokens.entries()) {
    const [before, next] = [tokens[at - 1], tokens[at + 1]];
    if (token.kind === "other" && token.text === "@") isShifted = true;
    if (token.kind === "matchers" && before?.kind !== "name") selectors.add(token.text);
    if (token.kind !== "name") continue;
    const word = token.text.toLowerCase();
    if (word === "offset") isShifted = true;
    if (WORDS.has(word)) continue;
    const isCalled =
      next?.text === "(" || (next?.kind === "name" && BEFORE_LABELS.has(next.text.toLowerCase()));
    if (isCalled) functions.push(word);
    else selectors.add(next?.kind === "matchers" ? token.text + next.text : token.text);
  }
  return { selectors: [...selectors], functions, isShifted, reachMs: reachOf(tokens) };
}

function tokensOf(query: string): readonly Token[] | null {
  const tokens: Token[] = [];
  let open = 0;
  let at = 0;
  const take = (pattern: RegExp): string | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(query)?.[0] ?? null;
    if (found !== null) at += found.length;
    return found;
  };
  while (at < query.length) {
    if (take(SPACE) !== null) continue;
    const string = take(STRING);
    const name = string === null ? take(NAME) : null;
    if (name !== null) {
      tokens.push({ kind: "name", text: name });
      const labels = TAKES_LABELS.has(name.toLowerCase()) ? take(LABELS) : null;
      if (labels !== null) tokens.push({ kind: "labels", text: labels });
      continue;
    }
    const matchers = string === null ? take(MATCHERS) : null;
    const range = string === null && matchers === null ? take(RANGE) : null;
    const text = string ?? matchers ?? range ?? take(NUMBER) ?? query.charAt(at++);
    const kind = matchers !== null ? "matchers" : range !== null ? "range" : "other";
    if (kind === "other" && string === null && /^["'`{}[\]]$/.test(text)) return null;
    if (text === "(") open += 1;
    if (text === ")") open -= 1;
    if (open < 0) return null;
    tokens.push({ kind, text });
  }
  return open === 0 ? tokens : null;
}

/** Of ranges within one another the sum counts, and each range may be within another. */
function reachOf(tokens: readonly Token[]): number {
  const ranges = tokens.flatMap(({ kind, text }) => (kind === "range" ? [text.slice(1, -1)] : []));
  const lengths = ranges.map((range) => promDurationMs(range.split(":")[0] ?? "") ?? 0);
  const isNested = ranges.some((range) => range.includes(":"));
  return isNested ? lengths.reduce((sum, ms) => sum + ms, 0) : Math.max(0, ...lengths);
}

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
  y: 365 * 86_400_000,
};

/** "5s", "1m30s". @returns null when it is no duration of Prometheus. */
export function promDurationMs(text: string): number | null {
  const written = text.trim();
  if (!/^(?:\d+(?:ms|[smhdwy]))+$/.test(written)) return null;
  return [...written.matchAll(/(\d+)(ms|[smhdwy])/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (UNIT_MS[unit ?? ""] ?? 0),
    0,
  );
}
