import { z } from "zod";
import {
  type Bandwidth,
  type Duration,
  LONGEST_DURATION,
  PATTERNS,
  parseBandwidth,
  parseDuration,
  parsePercentage,
  parseRange,
  parseRate,
  parseSize,
  type Range,
  type Rate,
  type Ratio,
  type Size,
} from "./units.js";
import { VALUE_FORMS, type ValueForm } from "./value-form.js";

// A process reads only a scenario or two. Compiling validators to functions takes longer than it saves.
z.config({ jitless: true });

/** Values with units, and other texts of a fixed form. Messages read "expected …"; what was found is added to them. */

/**
 * A text that `parse` understands. `check` may refuse a well-formed value: it returns what was expected. Its complaint says in
 * `params` that the form is right.
 * @param form null: it is made of several values.
 */
function quantity<T>(
  form: ValueForm | null,
  expected: string,
  pattern: string,
  parse: (text: string) => T | null,
  check: (value: T) => string | null = () => null,
) {
  const schema = z
    .string({ error: expected })
    .transform((text, context): T => {
      const value = parse(text.trim());
      const complaint = value === null ? expected : check(value);
      if (value !== null && complaint === null) return value;
      const params = { isWellFormed: value !== null };
      context.issues.push({ code: "custom", message: complaint ?? expected, input: text, params });
      return z.NEVER;
    })
    .meta({ pattern: `^${pattern}$` });
  return form === null ? schema : schema.register(VALUE_FORMS, { form });
}

const DURATION = "a duration with its unit, such as 300ms, 2s or 5m";

const tooLong = ({ ms }: Duration) =>
  ms > LONGEST_DURATION.ms ? `a duration of at most ${LONGEST_DURATION.text}` : null;

export const duration = () =>
  quantity<Duration>("duration", DURATION, PATTERNS.duration, parseDuration, tooLong);

export const positiveDuration = () =>
  quantity<Duration>("duration", DURATION, PATTERNS.duration, parseDuration, (value) =>
    value.ms > 0 ? tooLong(value) : "a duration longer than 0",
  );

/** Phases are judged second by second. */
export const phaseDuration = () =>
  quantity<Duration>("duration", DURATION, PATTERNS.duration, parseDuration, (value) =>
    value.ms >= 1000 ? tooLong(value) : "a duration of at least 1s",
  );

const RATE = "a rate with its unit, such as 200/s";
const MOST_PER_S = 1_000_000;

export const rate = () =>
  quantity<Rate>("rate", RATE, PATTERNS.rate, parseRate, ({ perS }) =>
    perS > 0 ? tooHigh(perS) : "a rate above 0/s",
  );

/** Load may rest for a while. */
export const rateOrZero = () =>
  quantity<Rate>("rate", RATE, PATTERNS.rate, parseRate, ({ perS }) => tooHigh(perS));

function tooHigh(perS: number): string | null {
  return perS <= MOST_PER_S ? null : `a rate of at most ${MOST_PER_S}/s`;
}

const SIZE = "a size in whole bytes with its unit, such as 512B, 64KB or 1MB";

export const size = () => quantity<Size>("size", SIZE, PATTERNS.size, parseSize);

/** No program can live on less. */
export const memorySize = () =>
  quantity<Size>("size", SIZE, PATTERNS.size, parseSize, ({ bytes }) =>
    bytes >= 1e6 ? null : "an amount of memory of at least 1MB",
  );

const BANDWIDTH = "a bandwidth with its unit, such as 100KB/s or 1Mbit/s";

/** Toxiproxy counts in whole KB per second. */
const wholeKilobytes = ({ kbPerS }: Bandwidth) =>
  Number.isInteger(kbPerS) && kbPerS >= 1 ? null : "a bandwidth of whole KB per second, at least 1KB/s";

export const bandwidthText = () =>
  quantity<Bandwidth>("bandwidth", BANDWIDTH, PATTERNS.bandwidth, parseBandwidth, wholeKilobytes);

export const percentage = () =>
  quantity<Ratio>(
    "percentage",
    "a percentage from 0% to 100%, such as 30%",
    PATTERNS.percentage,
    parsePercentage,
    ({ ratio }) => (ratio > 0 ? null : "a percentage above 0%"),
  );

function range<T>(
  kind: string,
  example: string,
  pattern: string,
  parse: (text: string) => T | null,
  check: (end: T) => string | null = () => null,
) {
  return quantity<Range<T>>(
    null,
    `two ${kind} with units, such as ${example}`,
    `${pattern} ?\\.\\. ?${pattern}`,
    (text) => parseRange(text, parse),
    ({ from, to }) => {
      if (JSON.stringify(from) === JSON.stringify(to)) return `two different ${kind}`;
      return check(from) ?? check(to);
    },
  );
}

export const durationRange = () =>
  range("durations", "0ms..2s", PATTERNS.duration, parseDuration, ({ ms }) =>
    ms > LONGEST_DURATION.ms ? `durations of at most ${LONGEST_DURATION.text}` : null,
  );
export const percentageRange = () => range("percentages", "1%..50%", PATTERNS.percentage, parsePercentage);
export const sizeRange = () => range("sizes", "1MB..10KB", PATTERNS.size, parseSize);
export const bandwidthRange = () =>
  range("bandwidths", "10MB/s..100KB/s", PATTERNS.bandwidth, (text) => {
    const value = parseBandwidth(text);
    return value && wholeKilobytes(value) === null ? value : null;
  });

/** @param form what it stands for, where a hint may tell how to write it. Any text that is not told apart is words. */
export const text = (expected?: string, form: ValueForm | null = expected === undefined ? "words" : null) => {
  const error = expected ?? "text";
  const schema = z.string({ error }).min(1, { error: `${error}, not empty` });
  return form === null ? schema : schema.register(VALUE_FORMS, { form });
};

/** What people read in reports, and tell from others. */
export const shownName = (longest: number) =>
  text("a name", "words")
    .max(longest, { error: `a name of at most ${longest} characters` })
    .regex(/[\p{L}\p{N}\p{P}\p{S}]/u, { error: "a name with a character that can be seen" });

/** Values of env, headers, query and form are texts, however YAML reads them. */
export const textMap = (key = z.string()) =>
  z.record(
    key,
    z.union([z.string(), z.number(), z.boolean()], { error: "text" }).transform((value) => String(value)),
    { error: "a map of names to texts" },
  );

const NAME_EXPECTED = "a name of letters, digits, _ and -, beginning with a letter";
const LONGEST_NAME = 64;

/** Keys under services:, proxies: and data: are used in ${…} and as names in Toxiproxy. */
export const nameKey = () =>
  z
    .string()
    .regex(/^[A-Za-z_][\w-]*$/, { error: NAME_EXPECTED, abort: true })
    .max(LONGEST_NAME, { error: `a name of at most ${LONGEST_NAME} characters` })
    .meta({ description: NAME_EXPECTED });

export const wholeNumber = (least: number, most: number) => {
  const expected = `a whole number from ${least} to ${most}`;
  return z
    .number({ error: expected })
    .int({ error: expected })
    .min(least, { error: expected })
    .max(most, { error: expected });
};

export const yesNo = () => z.boolean({ error: "true or false" });

export const choice = <const T extends readonly [string, ...string[]]>(values: T) =>
  z.enum(values, { error: `one of ${values.join(", ")}` });

export const list = <T extends z.ZodType>(item: T, expected: string) => z.array(item, { error: expected });
