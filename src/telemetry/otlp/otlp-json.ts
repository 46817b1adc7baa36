/** The parts of OTLP that are sent, in its JSON: 64-bit numbers are texts, ids are hex, enums are numbers. */

export interface Attribute {
  readonly key: string;
  readonly value:
    | { readonly stringValue: string }
    | { readonly intValue: string }
    | { readonly doubleValue: number };
}

export interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly Attribute[];
  readonly events?: readonly object[];
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly status: { readonly code?: number; readonly message?: string };
}

/** Those with an empty text, and null, are left out. A bigint is a count; a number may be any. */
export function attributes(
  of: Readonly<Record<string, string | number | bigint | null>>,
): readonly Attribute[] {
  return Object.entries(of).flatMap(([key, value]): readonly Attribute[] => {
    if (value === null || value === "") return [];
    if (typeof value === "string") return [{ key, value: { stringValue: value } }];
    if (typeof value === "bigint") return [{ key, value: { intValue: String(value) } }];
    return [{ key, value: { doubleValue: value } }];
  });
}

/** Unix time in nanoseconds. Doubles hold microseconds of it exactly, and no more. */
export function nanosOf(unixMs: number): string {
  return `${Math.round(unixMs * 1000)}000`;
}

/** JSON has no infinity; protobuf's JSON writes the word. */
export function doubleOf(value: number | "inf"): number | "Infinity" {
  return value === "inf" ? "Infinity" : value;
}
