/**
 * How numbers read, in every report. The HTML page carries this very module to the browser, so it imports nothing
 * and uses nothing that only Node has.
 *
 * Digits: three significant ones, trailing zeros dropped; percentages keep two significant digits of their distance
 * to 0 or 100 %, so that 99.975% never reads as 100%.
 */

/** Stands for a value that does not exist. */
export const NOTHING = "–";

/** `value` with at most `digits` significant digits, never in exponent form, without trailing zeros. */
function significant(value: number, digits: number, maxDecimals: number): string {
  if (value === 0) return "0";
  const magnitude = Math.floor(Math.log10(Math.abs(value)));
  const decimals = Math.min(maxDecimals, Math.max(0, digits - 1 - magnitude));
  const text = value.toFixed(decimals);
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

/** 12345 → "12,345". */
export function formatCount(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

/** Milliseconds as latency: "0.42 ms", "812 ms", "1.85 s". `digits` significant ones. */
export function formatMs(ms: number, digits = 3): string {
  const shown = Number(significant(ms, digits, 3));
  if (Math.abs(shown) < 1000) return `${significant(ms, digits, 3)} ms`;
  return formatSeconds(ms / 1000, digits);
}

/** Seconds as a span of time: "0.8 s", "61.2 s", "2 min 5 s", "1 h 2 min". */
export function formatSeconds(seconds: number, digits = 3): string {
  const text = significant(seconds, digits, 3);
  if (Math.abs(Number(text)) < 120) return `${text} s`;
  const whole = Math.round(Math.abs(seconds));
  const sign = seconds < 0 ? "-" : "";
  const [h, min, s] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  const parts = h > 0 ? [`${h} h`, min > 0 ? `${min} min` : ""] : [`${min} min`, s > 0 ? `${s} s` : ""];
  return sign + parts.filter(Boolean).join(" ");
}

/** Seconds since load began as a clock: 65 → "1:05", 3665 → "1:01:05". */
export function formatClock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [h, min, s] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  const two = (n: number) => String(n).padStart(2, "0");
  return h > 0 ? `${h}:${two(min)}:${two(s)}` : `${min}:${two(s)}`;
}

/**
 * A fraction as a percentage: 0.99975 → "99.975%", 0.5 → "50%". `digits` significant ones of the distance to 0 or 100
 * %.
 */
export function formatRatio(ratio: number, digits = 2): string {
  const percent = ratio * 100;
  const distance = Math.min(Math.abs(percent), Math.abs(100 - percent));
  if (distance === 0 || percent < 0 || percent > 100) return `${significant(percent, 3, 2)}%`;
  if (distance < 0.0001) return percent < 50 ? "<0.0001%" : ">99.9999%";
  const decimals = Math.min(4, Math.max(1, digits - 1 - Math.floor(Math.log10(distance))));
  return `${percent.toFixed(decimals).replace(/\.?0+$/, "")}%`;
}

/** A number whose unit is not known: "12,345", "0.031". */
export function formatNumber(value: number, digits = 4): string {
  if (Math.abs(value) >= 1000 && digits <= 4) return formatCount(value);
  return significant(value, digits, 6);
}

/** Something per second: "20,000/s", "199.9/s", "0.5/s". */
export function formatRate(perSecond: number, digits = 4): string {
  return `${rateNumber(perSecond, digits)}/s`;
}

/** "20,000 requests/s". */
export function formatRateOf(perSecond: number, things: string): string {
  return `${rateNumber(perSecond, 4)} ${things}/s`;
}

function rateNumber(perSecond: number, digits: number): string {
  if (Math.abs(perSecond) >= 1000 && digits <= 4) return formatCount(perSecond);
  return significant(perSecond, digits, 2);
}

/** Bytes in decimal units, as Toxiproxy counts them: "48.2 kB". */
export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${significant(value, 3, unit === 0 ? 0 : 2)} ${units[unit]}`;
}

/** The unit of a metric: a fraction, milliseconds, per second, seconds, or a plain number. */
export type ValueUnit = "ratio" | "ms" | "per_s" | "s" | "number";
/** "inf" when too many requests failed for the quantile to exist. null when there was nothing to measure. */
export type Value = number | "inf" | null;

/** One value of a metric in its own unit. Failures in a quantile read "> timeout". */
export function formatValue(value: Value, unit: ValueUnit, extraDigits = 0): string {
  if (value === null) return NOTHING;
  if (value === "inf") return unit === "ms" ? "> timeout" : "∞";
  switch (unit) {
    case "ratio":
      return formatRatio(value, 2 + extraDigits);
    case "ms":
      return formatMs(value, 3 + extraDigits);
    case "per_s":
      return formatRate(value, 4 + extraDigits);
    case "s":
      return formatSeconds(value, 3 + extraDigits);
    case "number":
      return formatNumber(value, 4 + extraDigits);
  }
}

/** As `formatValue`, with more digits while it would read the same as `other` without being the same. */
export function formatBeside(value: Value, other: Value, unit: ValueUnit): string {
  for (let extra = 0; extra < 4; extra += 1) {
    const text = formatValue(value, unit, extra);
    if (value === other || text !== formatValue(other, unit, extra)) return text;
  }
  return formatValue(value, unit, 4);
}

/** "790–841 ms", "0.9–1.2 s", "850 ms – 1.2 s", "812 ms – > timeout". */
export function formatInterval(interval: readonly [Value, Value] | null, unit: ValueUnit): string {
  if (interval === null) return NOTHING;
  const [low, high] = [formatValue(interval[0], unit), formatValue(interval[1], unit)];
  if (low === high) return low;
  const suffix = /[^\d.,]+$/;
  const [lowUnit, highUnit] = [suffix.exec(low)?.[0], suffix.exec(high)?.[0]];
  const plain = /^[\d.,]+(?: ?[^\d\s]+)?$/;
  if (lowUnit === highUnit && plain.test(low) && plain.test(high))
    return `${low.replace(suffix, "")}–${high}`;
  return `${low} – ${high}`;
}

/**
 * A comparison with its target worked out, with enough digits to differ from what was observed: "<", 14.4, "ms" → "<
 * 14.4 ms".
 */
export function formatTarget(operator: string, target: Value, observed: Value, unit: ValueUnit): string {
  const sign = operator === "<=" ? "≤" : operator === ">=" ? "≥" : operator;
  return `${sign} ${formatBeside(target, observed, unit)}`.trim();
}

/** A time that may only be known as a lower bound: "1 s", "> 12 s". */
export function formatTiming(timing: {
  readonly seconds: number | null;
  readonly censored: boolean;
}): string {
  if (timing.seconds === null) return NOTHING;
  return `${timing.censored ? "> " : ""}${formatSeconds(timing.seconds)}`;
}
