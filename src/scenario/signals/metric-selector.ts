/** Names series of one metric on a page of metrics, as PromQL does: `http_requests_total{code=~"5.."}`. */

export interface MetricSelector {
  readonly metric: string;
  readonly matchers: readonly LabelMatcher[];
}

export interface LabelMatcher {
  readonly label: string;
  readonly operator: "=" | "!=" | "=~" | "!~";
  readonly value: string;
}

const SELECTOR = /^\s*([A-Za-z_:][\w:]*)\s*(?:\{(.*)\})?\s*$/s;
const MATCHER = /\s*([A-Za-z_]\w*)\s*(=~|!~|!=|=)\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')\s*(?:,|$)/y;

/** @returns null when the text is no such selector. */
export function parseMetricSelector(text: string): MetricSelector | null {
  const [, metric, inBraces = ""] = SELECTOR.exec(text) ?? [];
  if (metric === undefined) return null;
  const matchers: LabelMatcher[] = [];
  for (let at = 0; inBraces.slice(at).trim() !== ""; at = MATCHER.lastIndex) {
    MATCHER.lastIndex = at;
    const [, label, operator, double, single] = MATCHER.exec(inBraces) ?? [];
    if (label === undefined || !isOperator(operator)) return null;
    const value = (double ?? single ?? "").replace(/\\(.)/g, (_, escaped) =>
      escaped === "n" ? "\n" : escaped,
    );
    if (operator.endsWith("~") && wholePattern(value) === null) return null;
    matchers.push({ label, operator, value });
  }
  return { metric, matchers };
}

function isOperator(text: string | undefined): text is LabelMatcher["operator"] {
  return text === "=" || text === "!=" || text === "=~" || text === "!~";
}

/** Whether a series with these labels is meant. A label that is not there is empty. */
export function selects({ matchers }: MetricSelector, labels: ReadonlyMap<string, string>): boolean {
  return matchers.every(({ label, operator, value }) => {
    const found = labels.get(label) ?? "";
    const isAlike = operator.endsWith("~") ? wholePattern(value)?.test(found) === true : found === value;
    return operator.startsWith("!") ? !isAlike : isAlike;
  });
}

/** The whole text has to match. @returns null for a malformed expression. */
function wholePattern(expression: string): RegExp | null {
  try {
    return new RegExp(`^(?:${expression})$`, "su");
  } catch {
    return null;
  }
}
