import type { Conditions, PlainValue } from "../../requests/answers/expectation.js";
import { FaultlineError } from "../../support/errors.js";

/**
 * Looks at one value. `undefined` stands for a value that is missing. Its result is null when the value is as wanted,
 * else what is wrong.
 */
export type ValueCheck = (found: unknown) => string | null;

interface Condition {
  /** To be joined to "expected". */
  readonly wanted: string;
  readonly holds: (found: unknown) => boolean;
}

/**
 * @param subject names the value, such as "json $.id".
 * @throws SCENARIO_INVALID for a malformed expression.
 */
export function compileJsonValue(subject: string, wanted: PlainValue | Conditions): ValueCheck {
  const conditions =
    wanted !== null && typeof wanted === "object"
      ? [...conditionsOf(wanted, (not) => (found) => found !== undefined && found !== not, noNumber)]
      : [{ wanted: shownWanted(wanted), holds: (found: unknown) => found === wanted }];
  return checkAll(subject, conditions);
}

/** The same for a text: a header's value, or a body. A plain text must be found within it. */
export function compileText(subject: string, wanted: string | Conditions): ValueCheck {
  if (typeof wanted === "string") {
    const holds = (found: unknown) => typeof found === "string" && found.includes(wanted);
    return checkAll(subject, [{ wanted: `text with ${shownWanted(wanted)}`, holds }]);
  }
  const lacks = (not: PlainValue) => (found: unknown) =>
    typeof found === "string" && !found.includes(String(not));
  return checkAll(subject, [...conditionsOf(wanted, lacks, readNumber)]);
}

function checkAll(subject: string, conditions: readonly Condition[]): ValueCheck {
  const findings = new FoundValues();
  return (found) => {
    for (const { wanted, holds } of conditions) {
      if (!holds(found)) return `${subject}: expected ${wanted}, found ${findings.show(found)}`;
    }
    return null;
  };
}

function* conditionsOf(
  { exists, equals, not, regex, ...bounds }: Conditions,
  differs: (not: PlainValue) => Condition["holds"],
  numberOf: (found: string) => number,
): Iterable<Condition> {
  if (exists === true) yield { wanted: "any value", holds: (found) => found !== undefined };
  if (exists === false) yield { wanted: "no value", holds: (found) => found === undefined };
  if (equals !== undefined) {
    yield { wanted: shownWanted(equals), holds: (found) => found === equals };
  }
  if (not !== undefined) yield { wanted: `anything but ${shownWanted(not)}`, holds: differs(not) };
  if (regex !== undefined) {
    const pattern = compilePattern(regex);
    const holds = (found: unknown) =>
      (typeof found === "string" || typeof found === "number" || typeof found === "boolean") &&
      pattern.test(String(found));
    yield { wanted: `a match of ${shownWanted(regex)}`, holds };
  }
  for (const [comparator, compare] of COMPARISONS) {
    const bound = bounds[comparator];
    if (bound === undefined) continue;
    yield {
      wanted: `${comparator} ${bound}`,
      holds: (found) => {
        const value = typeof found === "string" ? numberOf(found) : found;
        return typeof value === "number" && compare(value, bound);
      },
    };
  }
}

const COMPARISONS: readonly (readonly [
  "<" | "<=" | ">" | ">=",
  (value: number, bound: number) => boolean,
])[] = [
  ["<", (value, bound) => value < bound],
  ["<=", (value, bound) => value <= bound],
  [">", (value, bound) => value > bound],
  [">=", (value, bound) => value >= bound],
];

/** A text is no number in JSON. */
const noNumber = () => Number.NaN;

/** NaN when the text is no number. No bound holds for NaN. */
function readNumber(text: string): number {
  return /^\s*[-+]?\d+(?:\.\d+)?\s*$/.test(text) ? Number(text) : Number.NaN;
}

const LONGEST_WANTED = 100;
/** A longer value is left out and not cut: nobody could see that half of a secret is one. */
const LONGEST_FOUND = 40;
/** Found values of one check. Ids and times would make a reason of each answer. */
const MOST_FOUND = 5;

export function shownWanted(value: PlainValue): string {
  return typeof value === "string" && value.length > LONGEST_WANTED ? "a long text" : JSON.stringify(value);
}

/** Says what was found, in a few different ways at most. */
export class FoundValues {
  readonly #shown = new Set<string>();

  show(found: unknown): string {
    if (found === undefined) return "nothing";
    if (found === null || typeof found === "boolean") return String(found);
    if (typeof found === "object") return Array.isArray(found) ? "a list" : "a map";
    if (typeof found === "string" && found === "") return "an empty text";
    if (typeof found === "string" && found.length > LONGEST_FOUND) return "a long text";
    const text = JSON.stringify(found);
    if (this.#shown.has(text)) return text;
    if (this.#shown.size >= MOST_FOUND) return `another ${typeof found === "number" ? "number" : "text"}`;
    this.#shown.add(text);
    return text;
  }
}

/**
 * Load threads bound the time of every such expression (run-thread.ts). @throws SCENARIO_INVALID when it is malformed.
 */
export function compilePattern(pattern: string): RegExp {
  try {
    return new RegExp(pattern);
  } catch (error) {
    throw new FaultlineError("SCENARIO_INVALID", `"${pattern}" is no regular expression`, { cause: error });
  }
}
