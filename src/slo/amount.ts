import type { SloUnit } from "./slo.js";

/** Numbers with units, as SLOs have them. */

const UNITS: Readonly<Record<string, { readonly unit: SloUnit | "duration"; readonly factor: number }>> = {
  "%": { unit: "ratio", factor: 0.01 },
  // Durations are read in milliseconds.
  us: { unit: "duration", factor: 0.001 },
  µs: { unit: "duration", factor: 0.001 },
  ms: { unit: "duration", factor: 1 },
  s: { unit: "duration", factor: 1000 },
  m: { unit: "duration", factor: 60_000 },
  min: { unit: "duration", factor: 60_000 },
  h: { unit: "duration", factor: 3_600_000 },
  "/s": { unit: "per_s", factor: 1 },
  "/m": { unit: "per_s", factor: 1 / 60 },
  "/min": { unit: "per_s", factor: 1 / 60 },
  "/h": { unit: "per_s", factor: 1 / 3600 },
};

/** How people write units elsewhere. */
const OTHER_SPELLINGS: readonly (readonly [RegExp, string])[] = [
  [/^(milli.*|msecs?)$/iu, "ms"],
  [/^(micro.*|usecs?)$/iu, "us"],
  [/^secs?(onds?)?$/iu, "s"],
  [/^min(ute)?s?$/iu, "m"],
  [/^(hours?|hrs?)$/iu, "h"],
  [/^percent$/iu, "%"],
  [/^(rps|qps|(r|reqs?|requests?)?\/s(ecs?|econds?)?)$/iu, "/s"],
];

export const EXAMPLE_AMOUNT: Readonly<Record<SloUnit, string>> = {
  ratio: "1%",
  ms: "500ms",
  per_s: "180/s",
  s: "5s",
  number: "500",
};

export const EXPECTED_AMOUNT: Readonly<Record<SloUnit, string>> = {
  ratio: "a percentage such as 99.9%",
  ms: "a duration such as 500ms or 2s",
  per_s: "a rate such as 180/s",
  s: "a duration such as 5s",
  number: "a plain number such as 500",
};

/** A number and whatever looks like a unit behind it. */
export const AMOUNT = /\d+(?:[.,]\d+)?\s*(?:%|[\p{L}×]*\/?[\p{L}×]+)?/uy;

/** A number without a unit, or with what was taken for one. "in" may follow it. */
export const PLAIN_AMOUNT = /-?\d+(?:[.,]\d+)?(?:%|[\p{L}×]*\/?[\p{L}×]+)?/uy;

export type AmountRead =
  | { readonly ok: true; readonly value: number }
  | { readonly ok: false; readonly message: string; readonly suggestion: string | null };

/** What `AMOUNT` matched, in `unit`: durations in ms, or in s where the metric counts seconds. */
export function readAmount(found: string, unit: SloUnit): AmountRead {
  const no = (message: string, suggestion: string | null): AmountRead => ({ ok: false, message, suggestion });
  if (/^-?\d+,/.test(found)) {
    return no(`"${found.trim()}" has a comma; write a decimal point`, found.trim().replace(",", "."));
  }
  const digits = /^-?\d+(?:\.\d+)?/.exec(found)?.[0] ?? found;
  const suffix = found.slice(digits.length).replace(/\s+/g, "");
  if (unit === "number") return readNumber(found, digits, suffix);
  if (suffix === "") {
    // Most tools write 99.9% as 0.999.
    const percent = Number(digits) < 1 ? Number((Number(digits) * 100).toPrecision(12)) : digits;
    const guess = { ratio: `${percent}%`, ms: `${digits}ms`, per_s: `${digits}/s`, s: `${digits}s` }[unit];
    return no(`${digits} needs a unit; expected ${EXPECTED_AMOUNT[unit]}`, guess);
  }
  const known = UNITS[suffix];
  if (known === undefined) {
    if (suffix === "x" || suffix === "×") {
      return no(`"${found.trim()}" of what? Relative targets name the baseline`, `${digits}x baseline`);
    }
    const guess = OTHER_SPELLINGS.find(([spelling]) => spelling.test(suffix))?.[1] ?? null;
    return no(
      `"${suffix}" is no unit; expected ${EXPECTED_AMOUNT[unit]}`,
      guess === null ? EXAMPLE_AMOUNT[unit] : `${digits}${guess}`,
    );
  }
  const wanted = unit === "ms" || unit === "s" ? "duration" : unit;
  if (known.unit !== wanted) {
    return no(`"${found.trim()}" does not fit here; expected ${EXPECTED_AMOUNT[unit]}`, null);
  }
  // 99.9 · 0.01 is 0.9990000000000001 before rounding.
  const number = Number.parseFloat(found) * known.factor * (unit === "s" ? 0.001 : 1);
  const value = Number(number.toPrecision(14));
  if (!Number.isFinite(value)) return no("that number is too large", null);
  return { ok: true, value };
}

/** A signal's values have no unit that is known here. */
function readNumber(found: string, digits: string, suffix: string): AmountRead {
  const value = Number(digits);
  if (suffix === "" && Number.isFinite(value)) return { ok: true, value };
  if (suffix === "x" || suffix === "×") {
    const message = `"${found.trim()}" of what? Relative targets name the baseline`;
    return { ok: false, message, suggestion: `${digits}x baseline` };
  }
  const message = suffix === "" ? "that number is too large" : "a signal's values have no unit";
  return { ok: false, message: `${message}; expected ${EXPECTED_AMOUNT.number}`, suggestion: digits };
}

/** An amount as the language writes it: "99.9%", "500ms", "180/s", "5s". */
export function describeAmount(value: number, unit: SloUnit): string {
  // Twelve digits hide binary rounding (0.999 · 100) and keep everything that a user writes.
  const plain = (n: number) => String(Number(n.toPrecision(12)));
  switch (unit) {
    case "ratio":
      return `${plain(value * 100)}%`;
    case "ms":
      return value >= 1000 && value % 1000 === 0 ? `${plain(value / 1000)}s` : `${plain(value)}ms`;
    case "per_s":
      return `${plain(value)}/s`;
    case "s":
      return `${plain(value)}s`;
    case "number":
      return plain(value);
  }
}
