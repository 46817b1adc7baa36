/** The parts of an SLO's text, read from left to right; see the grammar in slo.ts. */

import { nearest } from "../support/suggestion.js";
import {
  JUDGED_PHASES,
  type JudgedPhase,
  metricName,
  type SloMetric,
  type SloOperator,
  type SloTarget,
  type SloUnit,
  unitOf,
} from "./slo-model.js";

const METRIC_NAMES = [
  "availability",
  "error_rate",
  "max",
  "throughput",
  "recovery",
  "detection",
  "p50",
  "p90",
  "p95",
  "p99",
  "p999",
] as const;

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
  [/^(rps|qps|r\/s|req\/s|\/secs?|\/second)$/iu, "/s"],
];

const EXAMPLE_AMOUNT: Readonly<Record<SloUnit, string>> = {
  ratio: "1%",
  ms: "500ms",
  per_s: "180/s",
  s: "5s",
};

const EXPECTED_AMOUNT: Readonly<Record<SloUnit, string>> = {
  ratio: "a percentage such as 99.9%",
  ms: "a duration such as 500ms or 2s",
  per_s: "a rate such as 180/s",
  s: "a duration such as 5s",
};

/** P99 and error-rate are slips of the pen, avail is an abbreviation; null: nothing comes near. */
function metricMeant(word: string): string | null {
  const folded = word.toLowerCase().replaceAll("-", "_");
  if (/^p\d{1,2}(\.\d+|\d*)$/.test(folded)) return folded;
  const abbreviated = folded.length < 3 ? undefined : METRIC_NAMES.find((name) => name.startsWith(folded));
  return abbreviated ?? nearest(folded, METRIC_NAMES);
}

export class SloScanError extends Error {
  constructor(
    message: string,
    readonly offset: number,
    readonly length: number,
    readonly suggestion: string | null,
  ) {
    super(message);
  }
}

export class SloScanner {
  readonly #text: string;
  #at = 0;
  /** Where the token that was read last began. */
  #last = 0;

  constructor(text: string) {
    this.#text = text;
  }

  isOwn(error: unknown): error is SloScanError {
    return error instanceof SloScanError;
  }

  metric(): SloMetric {
    const word = this.#take(/[\p{L}_][\p{L}\p{N}_.-]*/uy);
    if (word === null) {
      this.#fail(
        this.#text.trim() === ""
          ? "an SLO cannot be empty"
          : "an SLO begins with what is measured: availability, error_rate, p99, max, throughput, recovery or detection",
        "availability >= 99.9%",
      );
    }
    switch (word) {
      case "availability":
      case "error_rate":
      case "max":
      case "throughput":
      case "recovery":
      case "detection":
        return { kind: word };
    }
    if (/^p\d/.test(word)) return this.#quantile(word);
    return this.failLast(
      `"${word}" is not something that can be measured; known are availability, error_rate, p<N>, max, throughput, recovery and detection`,
      metricMeant(word),
    );
  }

  #quantile(word: string): SloMetric {
    const match = /^p(\d{1,2})(\d*|\.\d+)$/.exec(word);
    if (!match) return this.failLast(`"${word}" is not a percentile; write p99 or p99.9`);
    const [, whole = "", rest = ""] = match;
    if (whole === "10" && /^0+$/.test(rest)) {
      return this.failLast("the 100th percentile is called max", "max");
    }
    const percent = Number(`${whole}${rest === "" || rest.startsWith(".") ? rest : `.${rest}`}`);
    if (!(percent > 0) || (whole.length === 2 && whole.startsWith("0"))) {
      return this.failLast(`"${word}" is not a percentile; write p50, p99 or p99.9`);
    }
    if (rest.length > 7)
      return this.failLast("at most six digits can follow the decimal point of a percentile");
    return { kind: "quantile", q: Number((percent / 100).toPrecision(12)) };
  }

  request(metric: SloMetric, known: readonly string[] | undefined): string | null {
    if (this.#take(/\(/y) === null) return null;
    const open = this.#last;
    const quoted = this.#take(/"([^"]*)"/y);
    const name = (quoted !== null ? quoted.slice(1, -1) : this.#take(/[^()"<>]+/y))?.trim() ?? "";
    const [nameAt, nameLength] = [this.#last, this.#at - this.#last];
    if (this.#take(/\)/y) === null) {
      this.#fail('a request name in parentheses ends with ")"', null, open, this.#text.length - open);
    }
    if (name === "") this.#fail("the name of a request is missing between the parentheses", null, open, 2);
    if (metric.kind === "recovery" || metric.kind === "detection") {
      this.#fail(
        `${metric.kind} is that of the whole fault, not of one request`,
        metric.kind,
        open,
        this.#at - open,
      );
    }
    if (known && !known.includes(name)) {
      const list = known.length === 0 ? "the load has none" : `known are ${known.slice(0, 12).join(", ")}`;
      this.#fail(`no request is called "${name}"; ${list}`, nearest(name, known), nameAt, nameLength);
    }
    return name;
  }

  operator(metric: SloMetric, use: "slo" | "abort"): SloOperator {
    const found = this.#take(/[<>=≤≥!~]+/uy);
    const fromBelow = (metric.kind === "availability" || metric.kind === "throughput") === (use === "slo");
    const usual = fromBelow ? ">=" : "<";
    if (found === null) this.#fail(`"${metricName(metric)}" needs a comparison: < <= > or >=`, usual);
    if (found !== "<" && found !== "<=" && found !== ">" && found !== ">=") {
      const guess = /[<≤]/u.test(found) ? "<=" : /[>≥]/u.test(found) ? ">=" : usual;
      return this.failLast(`"${found}" is no comparison; use < <= > or >=`, guess);
    }
    // Both are promises: "not seen for 10 s" and "seen within 5 s".
    if (metric.kind === "detection") return found;
    if (found.startsWith(">") !== fromBelow) {
      const turned = found.startsWith(">") ? found.replace(">", "<") : found.replace("<", ">");
      const why =
        use === "slo"
          ? `an SLO for ${metricName(metric)} is a ${fromBelow ? "lower" : "upper"} limit`
          : `a run is aborted when ${metricName(metric)} is too ${fromBelow ? "high" : "low"}`;
      this.failLast(`${why}, so "${found}" is the wrong way round`, turned);
    }
    return found;
  }

  target(metric: SloMetric, operator: SloOperator, use: "slo" | "abort"): SloTarget {
    const unit = unitOf(metric);
    const factor = this.#take(/(\d+(?:\.\d+)?)\s*x\s*baseline\b/y);
    if (factor !== null) {
      this.#refuseRelative(metric, use);
      const value = Number.parseFloat(factor);
      if (value === 0) this.failLast("0x baseline can never hold");
      return { kind: "baseline_factor", factor: value };
    }
    if (this.#take(/baseline\b/y) !== null) {
      this.#refuseRelative(metric, use);
      const sign = this.#take(/[+-]/y);
      if (sign === null) return { kind: "baseline_factor", factor: 1 };
      const { value } = this.#amount(unit);
      return { kind: "baseline_offset", offset: sign === "-" ? -value : value, unit };
    }
    const { value, at, length } = this.#amount(unit);
    this.#checkReachable(metric, operator, use, value, at, length);
    return { kind: "absolute", value, unit };
  }

  #refuseRelative(metric: SloMetric, use: "slo" | "abort"): void {
    if (metric.kind === "recovery" || metric.kind === "detection") {
      this.failLast(`${metric.kind} has no value in the baseline; give a duration`, "5s");
    }
    if (use === "abort") {
      this.failLast("an abort condition also holds before there is a baseline; give a fixed value");
    }
  }

  /** Refuses what can hold in no run (or, for abort, in every run). */
  #checkReachable(
    metric: SloMetric,
    operator: SloOperator,
    use: "slo" | "abort",
    value: number,
    at: number,
    length: number,
  ): void {
    if (unitOf(metric) === "ratio") {
      if (value > 1) this.#fail("a share of requests is at most 100%", "100%", at, length);
      const never = (operator === ">" && value === 1) || (operator === "<" && value === 0);
      if (never) this.#fail("this can never be true", null, at, length);
      return;
    }
    if (value > 0) return;
    if (use === "slo" && !(metric.kind === "detection" && operator.startsWith(">"))) {
      this.#fail(`${metricName(metric)} needs a target above 0`, EXAMPLE_AMOUNT[unitOf(metric)], at, length);
    }
  }

  window(metric: SloMetric): number | null {
    if (this.#take(/for\b/y) === null) return null;
    const from = this.#last;
    const { value, length, at } = this.#amount("ms");
    if (metric.kind === "recovery" || metric.kind === "detection" || metric.kind === "max") {
      const what =
        metric.kind === "max" ? "max is the worst of the phase already" : `${metric.kind} is one moment`;
      this.#fail(`${what}, so it takes no "for"`, null, from, this.#at - from);
    }
    if (value < 1000 || value % 1000 !== 0) {
      this.#fail('a window after "for" is a whole number of seconds', "10s", at, length);
    }
    return value / 1000;
  }

  phases(metric: SloMetric, use: "slo" | "abort"): JudgedPhase[] | null {
    if (this.#take(/in\b/y) === null) return null;
    if (use === "abort") this.failLast("an abort condition holds in every phase");
    if (metric.kind === "recovery" || metric.kind === "detection") {
      this.failLast(`${metric.kind} belongs to its own phase; leave "in" away`);
    }
    const phases: JudgedPhase[] = [];
    do {
      const word = this.#take(/[\p{L}\p{N}_-]+/uy);
      const phase = JUDGED_PHASES.find((name) => name === word);
      if (word === null) this.#fail('"in" is followed by baseline, fault or recovery', "fault");
      if (phase === undefined) {
        return this.failLast(
          `"${word}" is no phase; known are baseline, fault and recovery`,
          nearest(word, JUDGED_PHASES),
        );
      }
      if (!phases.includes(phase)) phases.push(phase);
    } while (this.#take(/,/y) !== null);
    return phases;
  }

  end(): void {
    this.#skipSpace();
    if (this.#at < this.#text.length) {
      this.#fail(
        `"${this.#text.slice(this.#at).trim()}" is left over; after the target only "for 10s" and "in fault, recovery" may follow`,
        null,
        this.#at,
        this.#text.trimEnd().length - this.#at,
      );
    }
  }

  /** Complains about the token that was read last. */
  failLast(message: string, suggestion: string | null = null): never {
    this.#fail(message, suggestion, this.#last, this.#at - this.#last);
  }

  failAtEnd(message: string, suggestion: string | null): never {
    this.#fail(message, suggestion, this.#text.trimEnd().length, 0);
  }

  /** A number with a unit; durations in ms, or in s where the metric counts seconds. */
  #amount(unit: SloUnit): { value: number; at: number; length: number } {
    const found = this.#take(/\d+(?:\.\d+)?\s*(?:%|[\p{L}×]*\/?[\p{L}×]+)?/uy);
    const at = this.#last;
    if (found === null) {
      const rest = this.#text.slice(this.#at).trim();
      const what = rest === "" ? "the target is missing" : `"${rest}" is no target`;
      this.#fail(`${what}; expected ${EXPECTED_AMOUNT[unit]}`, EXAMPLE_AMOUNT[unit]);
    }
    const number = Number.parseFloat(found);
    const digits = /^\d+(?:\.\d+)?/.exec(found)?.[0] ?? found;
    const suffix = found.slice(digits.length).replace(/\s+/g, "");
    const length = found.trimEnd().length;
    if (suffix === "") {
      const guess = { ratio: `${digits}%`, ms: `${digits}ms`, per_s: `${digits}/s`, s: `${digits}s` }[unit];
      this.#fail(`${digits} needs a unit; expected ${EXPECTED_AMOUNT[unit]}`, guess, at, length);
    }
    const known = UNITS[suffix];
    if (known === undefined) {
      if (suffix === "x" || suffix === "×") {
        this.#fail(
          `"${found.trim()}" of what? Relative targets name the baseline`,
          `${digits}x baseline`,
          at,
          length,
        );
      }
      const guess = OTHER_SPELLINGS.find(([spelling]) => spelling.test(suffix))?.[1] ?? null;
      this.#fail(
        `"${suffix}" is no unit; expected ${EXPECTED_AMOUNT[unit]}`,
        guess === null ? EXAMPLE_AMOUNT[unit] : `${digits}${guess}`,
        at,
        length,
      );
    }
    const wanted = unit === "ms" || unit === "s" ? "duration" : unit;
    if (known.unit !== wanted) {
      this.#fail(`"${found.trim()}" does not fit here; expected ${EXPECTED_AMOUNT[unit]}`, null, at, length);
    }
    // 99.9 · 0.01 is 0.9990000000000001 before rounding.
    const value = Number((number * known.factor * (unit === "s" ? 0.001 : 1)).toPrecision(14));
    if (!Number.isFinite(value)) this.#fail("that number is too large", null, at, length);
    return { value, at, length };
  }

  #skipSpace(): void {
    while (this.#at < this.#text.length && /\s/.test(this.#text[this.#at]!)) this.#at++;
  }

  /** The text that `pattern` (sticky) matches after white space; null leaves the position where it was. */
  #take(pattern: RegExp): string | null {
    this.#skipSpace();
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match === null) return null;
    this.#last = this.#at;
    this.#at += match[0].length;
    return match[0];
  }

  #fail(message: string, suggestion: string | null = null, offset?: number, length?: number): never {
    this.#skipSpace();
    const from = offset ?? Math.min(this.#at, this.#text.trimEnd().length);
    const rest = this.#text.slice(from);
    throw new SloScanError(message, from, length ?? /^\S*/.exec(rest)![0].length, suggestion);
  }
}
