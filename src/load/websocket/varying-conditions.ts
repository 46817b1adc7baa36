import type { Conditions, PlainValue } from "../../requests/answers/expectation.js";
import { hasSlots, literalText } from "../../requests/template-text.js";
import {
  compileJsonValue,
  compileText,
  FoundValues,
  shownWanted,
  type ValueCheck,
} from "../answers/conditions.js";
import { compileTemplate, renderTemplate } from "../mix/request-template.js";
import type { ValueScope, Values } from "../mix/values.js";

/** Looks at one value, as a `ValueCheck` does, where what is wanted differs from request to request. */
export type VaryingCheck = (found: unknown, scope: ValueScope) => string | null;

/** How a value is held against a text that is known only when it runs. */
interface Rule {
  /** To be joined to "expected". */
  readonly inWords: (written: string) => string;
  readonly holds: (found: unknown, wanted: string) => boolean;
}

interface Rules {
  /** Where the text alone is given. */
  readonly plain: Rule;
  readonly equals: Rule;
  readonly not: Rule;
}

const ofJson: Rules = {
  plain: { inWords: (written) => written, holds: isSame },
  equals: { inWords: (written) => written, holds: isSame },
  not: {
    inWords: (written) => `anything but ${written}`,
    holds: (found, wanted) => found !== undefined && !isSame(found, wanted),
  },
};

const ofText: Rules = {
  plain: {
    inWords: (written) => `text with ${written}`,
    holds: (found, wanted) => typeof found === "string" && found.includes(wanted),
  },
  equals: { inWords: (written) => written, holds: (found, wanted) => found === wanted },
  not: {
    inWords: (written) => `anything but ${written}`,
    holds: (found, wanted) => typeof found === "string" && !found.includes(wanted),
  },
};

/**
 * As `compileJsonValue`, where `${…}` may stand in texts.
 * @throws SCENARIO_INVALID for a malformed expression.
 */
export function compileVaryingJson(
  subject: string,
  wanted: PlainValue | Conditions,
  values: Values,
): VaryingCheck {
  const isTemplate = typeof wanted === "string" && hasSlots(wanted);
  if (isTemplate) return compileRule(subject, ofJson.plain, wanted, values);
  if (wanted === null || typeof wanted !== "object") {
    return compileJsonValue(subject, typeof wanted === "string" ? literalText(wanted) : wanted);
  }
  return compileConditions(subject, wanted, values, ofJson, (fixed) => compileJsonValue(subject, fixed));
}

/** The same for a text. */
export function compileVaryingText(
  subject: string,
  wanted: string | Conditions,
  values: Values,
): VaryingCheck {
  if (typeof wanted === "object") {
    return compileConditions(subject, wanted, values, ofText, (fixed) => compileText(subject, fixed));
  }
  return hasSlots(wanted)
    ? compileRule(subject, ofText.plain, wanted, values)
    : compileText(subject, literalText(wanted));
}

function compileConditions(
  subject: string,
  conditions: Conditions,
  values: Values,
  rules: Rules,
  compileFixed: (fixed: Conditions) => ValueCheck,
): VaryingCheck {
  const varying: VaryingCheck[] = [];
  const fixed = Object.entries(conditions).flatMap(([key, value]): readonly [string, unknown][] => {
    if (typeof value !== "string") return value === undefined ? [] : [[key, value]];
    if ((key !== "equals" && key !== "not") || !hasSlots(value)) return [[key, literalText(value)]];
    varying.push(compileRule(subject, rules[key], value, values));
    return [];
  });
  // Each part is of the kind that it was.
  const checks =
    fixed.length > 0 ? [compileFixed(Object.fromEntries(fixed) as Conditions), ...varying] : varying;
  return (found, scope) => {
    for (const check of checks) {
      const problem = check(found, scope);
      if (problem !== null) return problem;
    }
    return null;
  };
}

/** What is wanted is shown as it is written: each request has other values, and some are secrets. */
function compileRule(
  subject: string,
  { inWords, holds }: Rule,
  template: string,
  values: Values,
): VaryingCheck {
  const parts = compileTemplate(template, () => (value) => value, values);
  const wanted = inWords(shownWanted(template));
  const findings = new FoundValues();
  return (found, scope) =>
    holds(found, renderTemplate(parts, scope))
      ? null
      : `${subject}: expected ${wanted}, found ${findings.show(found)}`;
}

/** Values of requests are texts. A number is compared as a number, so that 7.0 and large ones are what they were. */
function isSame(found: unknown, wanted: string): boolean {
  if (typeof found === "number") return /^-?\d/.test(wanted) && Number(wanted) === found;
  return typeof found === "boolean" ? String(found) === wanted : found === wanted;
}
