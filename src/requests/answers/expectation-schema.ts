import { z } from "zod";
import { parseComparison } from "../../quantities/comparison.js";
import { headerName } from "../../quantities/headers.js";
import { positiveDuration, text, yesNo } from "../../quantities/schema.js";
import { VALUE_FORMS } from "../../quantities/value-form.js";

/** What a good answer is: its status, its headers, its body and the values in it. */

const STATUS = "a status from 100 to 599 or a class such as 2xx, or a list of them";
const status = z
  .union(
    [
      z.number().int().min(100, { error: STATUS }).max(599, { error: STATUS }),
      z.templateLiteral([z.enum(["1", "2", "3", "4", "5"]), "xx"], { error: STATUS }),
    ],
    { error: STATUS },
  )
  .register(VALUE_FORMS, { form: "status" });

const plainValue = () => z.union([z.string(), z.number(), z.boolean(), z.null()], { error: PLAIN });
const PLAIN = "text, a number, true, false or null";
const bound = (than: string) =>
  z
    .number({ error: "a number" })
    .meta({ description: `A number that it must be ${than}.`, samples: [0] })
    .optional();

const CONDITIONS = "exists, equals, not, regex, <, <=, > and >=";

const ofAnyKind = {
  exists: yesNo()
    .meta({ description: "true: it is there, be it null. false: it is not.", samples: [true] })
    .optional(),
  regex: text("a regular expression")
    .meta({
      description: "JavaScript regular expression that is found in it; numbers are read as they are written.",
      samples: ["^[0-9a-f-]{36}$"],
    })
    .optional(),
};

const comparisons = {
  "<": bound("below"),
  "<=": bound("at most"),
  ">": bound("above"),
  ">=": bound("at least"),
};

const NONE = { error: `a map with one or more of ${CONDITIONS}` };
const isAny = (condition: object) => Object.keys(condition).length > 0;
/** One complaint is enough for a map with an unknown key. */
const ANY = { ...NONE, when: ({ issues }: { readonly issues: readonly unknown[] }) => issues.length === 0 };

/** A condition on a value in JSON. */
const jsonCondition = z
  .strictObject(
    {
      ...ofAnyKind,
      equals: plainValue()
        .meta({ description: "The value it must have, as written.", samples: [">= 0"] })
        .optional(),
      not: plainValue()
        .meta({ description: "A value it must not have; it must be there.", samples: [null] })
        .optional(),
      ...comparisons,
    },
    NONE,
  )
  .refine(isAny, ANY)
  .meta({ minProperties: 1 });

/** A condition on a header, or on the body. */
const textCondition = z
  .strictObject(
    {
      ...ofAnyKind,
      equals: z
        .string({ error: "text" })
        .meta({ description: "The whole text.", samples: ["no-store"] })
        .optional(),
      not: text()
        .meta({ description: "Text that it must not contain; it must be there.", samples: ["error"] })
        .optional(),
      ...comparisons,
    },
    NONE,
  )
  .refine(isAny, ANY)
  .meta({ minProperties: 1 });

const AS_TEXT = `text that it contains, or a map with ${CONDITIONS}`;
/** Values of headers are texts, however YAML reads them. */
const headerValue = z.union(
  [z.union([z.string(), z.number(), z.boolean()]).transform((value) => String(value)), textCondition],
  { error: AS_TEXT },
);

const AS_VALUE = `${PLAIN}, a comparison such as ">= 0", or a map with ${CONDITIONS}`;
const jsonValue = z.union(
  [
    z
      .union([z.string(), z.number(), z.boolean(), z.null()])
      .transform((value) => (typeof value === "string" ? (parseComparison(value) ?? value) : value)),
    jsonCondition,
  ],
  { error: AS_VALUE },
);

export const expectedStatus = () =>
  z.union([status, z.array(status).min(1, { error: STATUS })], { error: STATUS });
export const expectedText = () => z.union([text(), textCondition], { error: AS_TEXT });
export const expectedJson = () => z.record(z.string(), jsonValue, { error: "a map of JSON paths to values" });
export const expectedTexts = (error: string) => z.record(headerName, headerValue, { error });
const headerValues = () => expectedTexts("a map of header names to texts or conditions");

const inBody = {
  body: expectedText()
    .meta({
      description: "Text that the body must contain, or conditions (docs/load.md).",
      samples: ["in stock", { not: "error" }],
    })
    .optional(),
  json: expectedJson()
    .meta({
      description:
        "JSON path ($, names and positions; no wildcards) → the value it must have, a comparison, or conditions (docs/load.md).",
      samples: [{ "$.items[0].sku": "A1", "$.items.length": ">= 1", "$.id": { not: null } }],
    })
    .optional(),
};

export const expectation = z
  .strictObject(
    {
      status: expectedStatus()
        .meta({
          description: "Statuses that count as good. Default: 2xx and 304.",
          samples: [201, "2xx", [200, 404]],
        })
        .optional(),
      headers: headerValues()
        .meta({
          description: "Text that a header's value must contain, or conditions (docs/load.md).",
          samples: [{ "content-type": "json", etag: { exists: true } }],
        })
        .optional(),
      ...inBody,
    },
    { error: "a map with `status`, `headers`, `body` or `json`" },
  )
  .register(VALUE_FORMS, { mainKey: "status" })
  .meta({ description: "What a good answer looks like; any other counts as http_error." });

const A_FALLBACK = { error: "a map with one or more of `status`, `header`, `body` and `json`" };

/** What an answer looks like that is neither good nor bad. */
export const degradation = z
  .strictObject(
    {
      status: expectedStatus()
        .meta({
          description: "Statuses of a fallback. Default: those that `expect` takes for good.",
          samples: [203, [200, 203]],
        })
        .optional(),
      header: headerValues()
        .meta({
          description: "Text that a header's value contains, or conditions (docs/load.md).",
          samples: [{ "x-fallback": "1" }],
        })
        .optional(),
      ...inBody,
    },
    A_FALLBACK,
  )
  .refine(isAny, { ...A_FALLBACK, when: ANY.when })
  .meta({
    description:
      "What a fallback looks like: an answer that all of this holds of is counted as degraded, and is not held to `expect`.",
    samples: [{ header: { "x-fallback": "1" } }],
    minProperties: 1,
  });

const CONDITION = { error: "a map with one or more of `status`, `headers`, `body` and `json`" };

/** Until which answer a step is asked again. */
export const repetition = z
  .strictObject(
    {
      status: expectedStatus()
        .meta({
          description: "Statuses of an answer that holds. Default: those that `expect` takes for good.",
          samples: [200],
        })
        .optional(),
      headers: headerValues()
        .meta({
          description: "Text that a header's value contains, or conditions (docs/load.md).",
          samples: [{ "x-state": "done" }],
        })
        .optional(),
      ...inBody,
      every: positiveDuration()
        .meta({ description: "From an answer to when it is asked again.", samples: ["200ms"] })
        .prefault("500ms"),
      within: positiveDuration()
        .meta({
          description:
            "From when the step was first due. After that the answer that does not hold is an http_error.",
          samples: ["5s"],
        })
        .prefault("10s"),
    },
    CONDITION,
  )
  .refine(({ every: _, within: __, ...conditions }) => isAny(conditions), { ...CONDITION, when: ANY.when })
  .meta({
    description:
      "Asked again until all of this holds of an answer: for what is completed later. Answers before that count by `expect`, and failures are asked again as well.",
    samples: [{ json: { "$.state": "done" }, every: "200ms", within: "5s" }],
  });

export type RepetitionInput = z.output<typeof repetition>;
export type ExpectationInput = z.output<typeof expectation>;
export type DegradationInput = z.output<typeof degradation>;
export type ConditionsInput = z.output<typeof jsonCondition> | z.output<typeof textCondition>;
