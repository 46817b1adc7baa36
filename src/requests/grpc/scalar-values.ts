/** What a value of a field must be. `type`: that of the file, or "timestamp" or "duration". */
export type WantedValue =
  | { readonly kind: "scalar"; readonly type: string }
  | { readonly kind: "enum"; readonly names: readonly string[] };

/** Whole numbers: the least and the greatest. */
const RANGES: Readonly<Record<string, readonly [least: bigint, most: bigint]>> = {
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  sint32: [-(2n ** 31n), 2n ** 31n - 1n],
  sfixed32: [-(2n ** 31n), 2n ** 31n - 1n],
  uint32: [0n, 2n ** 32n - 1n],
  fixed32: [0n, 2n ** 32n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  sint64: [-(2n ** 63n), 2n ** 63n - 1n],
  sfixed64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
  fixed64: [0n, 2n ** 64n - 1n],
};
const MOST_FLOAT = 3.4028234663852886e38;
const NUMBER = /^-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?$/;
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;
const DURATION = /^-?\d{1,12}(?:\.\d{1,9})?s$/;
const BASE64 = /^(?:[A-Za-z0-9+/_-]{4})*(?:[A-Za-z0-9+/_-]{2}(?:==)?|[A-Za-z0-9+/_-]{3}=?)?$/;

/** What is expected instead of this value. @returns null when it is of the kind that is wanted. */
export function valueMistake(wanted: WantedValue, value: unknown): string | null {
  return fits(wanted, value) ? null : expectedValue(wanted);
}

function fits(wanted: WantedValue, value: unknown): boolean {
  if (wanted.kind === "enum") {
    // A number may be that of a value that this file does not know.
    if (typeof value === "number") return isWithin([-(2n ** 31n), 2n ** 31n - 1n], value);
    return typeof value === "string" && wanted.names.includes(value);
  }
  const range = RANGES[wanted.type];
  if (range !== undefined) return isWithin(range, value);
  switch (wanted.type) {
    case "bool":
      return typeof value === "boolean";
    case "string":
      return typeof value === "string";
    case "bytes":
      return typeof value === "string" && BASE64.test(value);
    case "timestamp":
      return typeof value === "string" && TIMESTAMP.test(value) && !Number.isNaN(Date.parse(value));
    case "duration":
      return typeof value === "string" && DURATION.test(value);
    default:
      return isFloat(value, wanted.type === "float" ? MOST_FLOAT : Number.MAX_VALUE);
  }
}

function isWithin([least, most]: readonly [bigint, bigint], value: unknown): boolean {
  const number = wholeNumberOf(value);
  return number !== null && number >= least && number <= most;
}

/** @returns null when it is none, or cannot be told from its neighbours. */
function wholeNumberOf(value: unknown): bigint | null {
  if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : null;
  return typeof value === "string" && /^-?\d{1,20}$/.test(value) ? BigInt(value) : null;
}

function isFloat(value: unknown, most: number): boolean {
  if (value === "NaN" || value === "Infinity" || value === "-Infinity") return true;
  const number = typeof value === "string" && NUMBER.test(value) ? Number(value) : value;
  return typeof number === "number" && Math.abs(number) <= most;
}

function expectedValue(wanted: WantedValue): string {
  if (wanted.kind === "enum") return `one of ${wanted.names.slice(0, MOST_NAMES).join(", ")}`;
  const { type } = wanted;
  const range = RANGES[type];
  if (range !== undefined) return `a whole number from ${range[0]} to ${range[1]} (${type})`;
  switch (type) {
    case "bool":
      return "true or false (bool)";
    case "string":
      return "text (string)";
    case "bytes":
      return "base64 (bytes)";
    case "timestamp":
      return "a time such as 2026-01-31T12:00:00Z (google.protobuf.Timestamp)";
    case "duration":
      return "seconds such as 1.5s (google.protobuf.Duration)";
    default:
      return `a number (${type})`;
  }
}

const MOST_NAMES = 12;

/** A text as the value that it stands for: `true` for a bool. All others may be texts in JSON of protobuf. */
export function valueOfText(wanted: WantedValue, text: string): string | boolean {
  return wanted.kind === "scalar" && wanted.type === "bool" && (text === "true" || text === "false")
    ? text === "true"
    : text;
}
