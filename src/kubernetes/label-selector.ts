/** Label selectors, as kubectl takes them: "app=cart,tier!=test,track in (a,b),!canary". */

export interface LabelExpression {
  readonly key: string;
  readonly operator: "In" | "NotIn" | "Exists" | "DoesNotExist";
  readonly values?: readonly string[];
}

/** The same, as objects hold it. */
export interface LabelSelector {
  readonly matchLabels: Readonly<Record<string, string>>;
  readonly matchExpressions: readonly LabelExpression[];
}

const KEY = /^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?\/)?[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?$/;
const VALUE = /^(?:[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)?$/;
const LONGEST_VALUE = 63;

/** @returns null for anything else, and for a selector of everything. */
export function parseLabels(text: string): LabelSelector | null {
  const terms = text.split(/,(?![^()]*\))/).map((term) => term.trim());
  const matchLabels: Record<string, string> = {};
  const matchExpressions: LabelExpression[] = [];
  for (const term of terms) {
    const expression = expressionOf(term);
    if (expression === null || !isSound(expression)) return null;
    const [value] = expression.values ?? [];
    const isPlain =
      expression.operator === "In" && expression.values?.length === 1 && !(expression.key in matchLabels);
    if (isPlain && value !== undefined) matchLabels[expression.key] = value;
    else matchExpressions.push(expression);
  }
  return { matchLabels, matchExpressions };
}

function expressionOf(term: string): LabelExpression | null {
  const among = /^(\S+)\s+(in|notin)\s*\(([^()]*)\)$/.exec(term);
  if (among) {
    const [, key = "", how, values = ""] = among;
    const list = values.split(",").map((value) => value.trim());
    return { key, operator: how === "in" ? "In" : "NotIn", values: list };
  }
  const compared = /^([^\s=!]+)\s*(==|=|!=)\s*(\S*)$/.exec(term);
  if (compared) {
    const [, key = "", operator, value = ""] = compared;
    return { key, operator: operator === "!=" ? "NotIn" : "In", values: [value] };
  }
  const not = /^!\s*(\S+)$/.exec(term);
  if (not) return { key: not[1] ?? "", operator: "DoesNotExist" };
  return /^[^\s=!()]+$/.test(term) ? { key: term, operator: "Exists" } : null;
}

function isSound({ key, values = [] }: LabelExpression): boolean {
  return KEY.test(key) && values.every((value) => VALUE.test(value) && value.length <= LONGEST_VALUE);
}

/** Whether an object with these labels is among those that a selector of an object means. An empty one means all. */
export function labelsMatch(
  selector: { readonly matchLabels?: unknown; readonly matchExpressions?: unknown },
  labels: Readonly<Record<string, string>>,
): boolean {
  const plain = Object.entries((selector.matchLabels ?? {}) as Readonly<Record<string, unknown>>);
  const expressions = (selector.matchExpressions ?? []) as readonly LabelExpression[];
  return (
    plain.every(([key, value]) => labels[key] === value) &&
    expressions.every((each) => holdsFor(each, labels))
  );
}

function holdsFor(
  { key, operator, values = [] }: LabelExpression,
  labels: Readonly<Record<string, string>>,
): boolean {
  const value = labels[key];
  switch (operator) {
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
  }
}
