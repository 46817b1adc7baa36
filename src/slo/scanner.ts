/** Reads the parts of an SLO's text from left to right. The grammar is in parse.ts. */

import { nearest } from "../support/names/suggestion.js";
import { AMOUNT, EXAMPLE_AMOUNT, EXPECTED_AMOUNT, PLAIN_AMOUNT, readAmount } from "./amount.js";
import type { Metric } from "./metric.js";
import { metricForms, metricMeant, metricOf, nameReadingOf, readMetric } from "./metrics/index.js";
import type { KnownNames, NamedInParentheses, NameReader } from "./name-reader.js";
import {
  JUDGED_PHASES,
  type JudgedPhase,
  type Slo,
  type SloOperator,
  type SloTarget,
  type SloUnit,
} from "./slo.js";
import { isJourney } from "./timed-name.js";

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

/** The name in parentheses, and what it names. */
export type SloSubject = { readonly name: string } & Pick<Slo, "timed">;

export class SloScanner implements NameReader {
  readonly #text: string;
  #at = 0;
  /** Where the token that was read last began. */
  #last = 0;
  /** Where the metric stands, without what is behind it in parentheses. */
  #metricAt = { offset: 0, length: 0 };

  constructor(text: string) {
    this.#text = text;
  }

  isOwn(error: unknown): error is SloScanError {
    return error instanceof SloScanError;
  }

  metric(names: KnownNames = {}): Metric {
    const word = this.#take(/[\p{L}_][\p{L}\p{N}_.-]*/uy);
    if (word === null) {
      this.#fail(
        this.#text.trim() === ""
          ? "an SLO cannot be empty"
          : `an SLO begins with what is measured: ${metricForms("or")}`,
        "availability >= 99.9%",
      );
    }
    const read = readMetric(word);
    if (read === null) {
      return this.failLast(
        `"${word}" is not something that can be measured; known are ${metricForms("and")}`,
        metricMeant(word),
      );
    }
    if (!read.ok) return this.failLast(read.message, read.suggestion);
    this.#metricAt = { offset: this.#last, length: word.length };
    const withName = nameReadingOf(read.metric);
    return metricOf(withName === null ? read.metric : withName(read.metric, this, names));
  }

  failMetric(message: string, suggestion: string | null): never {
    this.#fail(message, suggestion, this.#metricAt.offset, this.#metricAt.length);
  }

  failWithName(message: string, suggestion: string | null): never {
    const { offset } = this.#metricAt;
    this.#fail(message, suggestion, offset, this.#at - offset);
  }

  failName({ nameAt, nameLength }: NamedInParentheses, message: string, suggestion: string | null): never {
    this.#fail(message, suggestion, nameAt, nameLength);
  }

  failNext(message: string, suggestion: string | null): never {
    this.#fail(message, suggestion);
  }

  word(): string | null {
    return this.#take(/[\p{L}_][\p{L}\p{N}_.]*/uy);
  }

  inParentheses(what: string): NamedInParentheses | null {
    if (this.#take(/\(/y) === null) return null;
    const open = this.#last;
    const quoted = this.#take(/"([^"]*)"/y);
    const name = (quoted !== null ? quoted.slice(1, -1) : this.#take(/[^()"<>]+/y))?.trim() ?? "";
    const [nameAt, nameLength] = [this.#last, this.#at - this.#last];
    if (this.#take(/\)/y) === null) {
      this.#fail(`a ${what} name in parentheses ends with ")"`, null, open, this.#text.length - open);
    }
    if (name === "") this.#fail(`the name of a ${what} is missing between the parentheses`, null, open, 2);
    return { name, open, nameAt, nameLength };
  }

  /** What the SLO is about. null: all requests, or a name that is a part of the metric. */
  subject(metric: Metric, names: KnownNames, use: "slo" | "abort"): SloSubject | null {
    // The name in parentheses belongs to the metric. It has been read.
    if (nameReadingOf(metric.spec) !== null) return null;
    const named = this.inParentheses(metric.ofJourneys ? "journey" : "request");
    if (metric.ofJourneys) return this.#journey(metric, named, names);
    if (named === null) return null;
    const timed = names.requestNames?.includes(named.name)
      ? undefined
      : names.timed?.find(({ name }) => name === named.name);
    if (timed === undefined || metric.timing !== null) return { name: this.#request(metric, named, names) };
    if (use === "abort") {
      const requests = names.requestNames?.slice(0, 12).join(", ");
      this.failName(named, `an abort condition sees requests alone: ${requests}`, null);
    }
    return { name: timed.name, timed: timed.what };
  }

  #journey(metric: Metric, named: NamedInParentheses | null, { timed }: KnownNames): SloSubject {
    const journeys = timed?.filter(isJourney) ?? [];
    if (named === null) {
      const example = `${metric.name}(${journeys[0]?.of ?? "NAME"})`;
      this.failMetric(`${metric.name} is that of one journey: ${example}`, example);
    }
    const found = journeys.find(({ name, of }) => name === named.name || of === named.name);
    if (timed !== undefined && found === undefined) {
      const known = journeys.map(({ of }) => of);
      const list = known.length === 0 ? "the load has none" : `known are ${known.slice(0, 12).join(", ")}`;
      this.failName(named, `no journey is called "${named.name}"; ${list}`, nearest(named.name, known));
    }
    return { name: found?.name ?? named.name, timed: "journey" };
  }

  #request(
    metric: Metric,
    { name, open, nameAt, nameLength }: NamedInParentheses,
    { requestNames: known, timed = [] }: KnownNames,
  ): string {
    if (metric.timing !== null) {
      this.#fail(
        `${metric.name} is that of the whole fault, not of one request`,
        metric.name,
        open,
        this.#at - open,
      );
    }
    if (known && !known.includes(name)) {
      const all = [...known, ...timed.map((each) => each.name)];
      const list = all.length === 0 ? "the load has none" : `known are ${all.slice(0, 12).join(", ")}`;
      this.#fail(`no request is called "${name}"; ${list}`, nearest(name, all), nameAt, nameLength);
    }
    return name;
  }

  operator(metric: Metric, use: "slo" | "abort"): SloOperator {
    const found = this.#take(/[<>=≤≥!~]+/uy);
    const fromBelow = (metric.promise === "at_least") === (use === "slo");
    const usual = fromBelow ? ">=" : "<";
    if (found === null) this.#fail(`"${metric.name}" needs a comparison: < <= > or >=`, usual);
    if (found !== "<" && found !== "<=" && found !== ">" && found !== ">=") {
      const guess = /[<≤]/u.test(found) ? "<=" : /[>≥]/u.test(found) ? ">=" : usual;
      return this.failLast(`"${found}" is no comparison; use < <= > or >=`, guess);
    }
    if (metric.promise === "either") return found;
    if (found.startsWith(">") !== fromBelow) {
      const turned = found.startsWith(">") ? found.replace(">", "<") : found.replace("<", ">");
      const why =
        use === "slo"
          ? `an SLO for ${metric.name} is ${fromBelow ? "a lower" : "an upper"} limit`
          : `a run is aborted when ${metric.name} is too ${fromBelow ? "high" : "low"}`;
      this.failLast(`${why}, so "${found}" is the wrong way round`, turned);
    }
    return found;
  }

  target(metric: Metric, operator: SloOperator, use: "slo" | "abort"): SloTarget {
    const unit = metric.unit;
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

  #refuseRelative(metric: Metric, use: "slo" | "abort"): void {
    if (metric.timing !== null) {
      this.failLast(`${metric.name} has no value in the baseline; give a duration`, "5s");
    }
    if (metric.noBaseline !== null) this.failLast(metric.noBaseline, EXAMPLE_AMOUNT[metric.unit]);
    if (use === "abort") {
      this.failLast("an abort condition also holds before there is a baseline; give a fixed value");
    }
  }

  /** Refuses what can hold in no run (or, for abort, in every run). */
  #checkReachable(
    metric: Metric,
    operator: SloOperator,
    use: "slo" | "abort",
    value: number,
    at: number,
    length: number,
  ): void {
    if (metric.unit === "ratio") {
      if (value > 1) this.#fail("a share of requests is at most 100%", "100%", at, length);
      const never = (operator === ">" && value === 1) || (operator === "<" && value === 0);
      if (never) this.#fail("this can never be true", null, at, length);
      return;
    }
    if (metric.timing !== null && value > 0 && value < 1) {
      this.#fail(
        `${metric.name} is measured in whole seconds, so its target is at least 1s`,
        "1s",
        at,
        length,
      );
    }
    // A signal's values may be of any size, and 0 of them may be promised.
    if (value > 0 || metric.unit === "number") return;
    if (use === "slo" && !(metric.promise === "either" && operator.startsWith(">"))) {
      this.#fail(`${metric.name} needs a target above 0`, EXAMPLE_AMOUNT[metric.unit], at, length);
    }
  }

  window(metric: Metric): number | null {
    if (this.#take(/for\b/y) === null) return null;
    const from = this.#last;
    const { value, length, at } = this.#amount("s");
    if (metric.noWindow !== null) {
      this.#fail(`${metric.noWindow}, so it takes no "for"`, null, from, this.#at - from);
    }
    if (value < 1 || !Number.isInteger(value)) {
      this.#fail('a window after "for" is a whole number of seconds', "10s", at, length);
    }
    return value;
  }

  phases(metric: Metric, use: "slo" | "abort"): JudgedPhase[] | null {
    if (this.#take(/in\b/y) === null) return null;
    if (use === "abort") this.failLast("an abort condition holds in every phase");
    if (metric.timing !== null && metric.alert === null) {
      this.failLast(`${metric.name} belongs to its own phase; leave "in" away`);
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
      if (metric.timing !== null && phase !== metric.timing) {
        this.failLast(`${metric.name} is of the ${metric.timing}`, metric.timing);
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

  /** A number with a unit. Durations are in ms, or in s where the metric counts seconds. */
  #amount(unit: SloUnit): { value: number; at: number; length: number } {
    const found = this.#take(unit === "number" ? PLAIN_AMOUNT : AMOUNT);
    const at = this.#last;
    if (found === null) {
      const rest = this.#text.slice(this.#at).trim();
      const what = rest === "" ? "the target is missing" : `"${rest}" is no target`;
      this.#fail(`${what}; expected ${EXPECTED_AMOUNT[unit]}`, EXAMPLE_AMOUNT[unit]);
    }
    const length = found.trimEnd().length;
    const read = readAmount(found, unit);
    if (!read.ok) this.#fail(read.message, read.suggestion, at, length);
    return { value: read.value, at, length };
  }

  #skipSpace(): void {
    while (this.#at < this.#text.length && /\s/.test(this.#text[this.#at]!)) this.#at++;
  }

  /** The text that `pattern` (sticky) matches after white space. null leaves the position as it was. */
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
