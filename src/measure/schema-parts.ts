/** Parts of the documents' schemas, and the types that come from them. */

import { z } from "zod";
import type { Json } from "../faults/fault-action.js";
import type { Latency } from "../slo/observations.js";

/**
 * The type of what a schema lets through, for readers: nothing in it changes, and it has only the keys that the schema
 * names.
 */
export type Described<Schema extends z.ZodType> = Fixed<z.output<Schema>>;

/** JSON types stay as they are. They refer to themselves, so mapping them would not end. */
type Fixed<T> = [Json] extends [T] ? T : FixedPart<T>;

/** Values with a written form of their own. */
type WritesItself = { toJSON(): unknown };

/** Keys that a later version may add are in no type: they are `unknown` under any name. */
type FixedPart<T> = T extends WritesItself
  ? T
  : T extends readonly unknown[]
    ? { readonly [At in keyof T]: Fixed<T[At]> }
    : T extends object
      ? {
          readonly [Key in keyof T as string extends Key
            ? unknown extends T[Key]
              ? never
              : Key
            : Key]: Fixed<T[Key]>;
        }
      : T;

export const anyText = z.string("expected a text");
export const flag = z.boolean("expected true or false");
export const number = z.number("expected a number");
export const amount = number.min(0, "expected a number of 0 or more");
export const count = number.int("expected a whole number").min(0, "expected a number of 0 or more");
export const nullableText = z.union([anyText, z.null()], "expected a text or null");
export const nullableNumber = z.union([number, z.null()], "expected a number or null");
export const json: z.ZodType<Json> = z.json();
export const orNull = <T extends z.ZodType>(value: T) => z.union([value, z.null()]);
export const listOf = <T extends z.ZodType>(value: T) => z.array(value, "expected a list");

/** A metric's value. Its unit stands beside it. */
export const metricValue: z.ZodType<Latency> = z
  .union([number, z.literal("inf"), z.null()], 'expected a number, "inf" or null')
  .describe(
    '"inf": too many requests failed for the quantile to exist ("> timeout"). null: nothing was measured.',
  );

/** A column of thousands of numbers. It is checked by hand: a schema for each number would take most of the time. */
function column<T>(isValue: (value: unknown) => boolean, expected: string) {
  return z
    .custom<readonly T[]>(() => true)
    .superRefine((values: unknown, context) => {
      if (!Array.isArray(values)) {
        context.addIssue({ code: "custom", message: "expected a list of numbers" });
        return;
      }
      const at = values.findIndex((value) => !isValue(value));
      if (at >= 0) context.addIssue({ code: "custom", message: expected, path: [at] });
    });
}

export const counts = column<number>(
  (value) => Number.isInteger(value) && Number(value) >= 0,
  "expected a whole number of 0 or more",
);
export const numbers = column<number>((value) => typeof value === "number", "expected a number");
export const integers = column<number>((value) => Number.isInteger(value), "expected a whole number");
export const times = column<number | null>(
  (value) => value === null || (typeof value === "number" && value >= 0),
  "expected null or a number of 0 or more",
);
export const amounts = column<number>(
  (value) => typeof value === "number" && value >= 0,
  "expected a number of 0 or more",
);
