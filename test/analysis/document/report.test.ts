import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { analyse } from "../../../src/analysis/analyse.js";
import { parseReport } from "../../../src/analysis/document/read-report.js";
import { reportSchema } from "../../../src/analysis/document/report.js";
import { reportJsonSchema, reportJsonSchemaText } from "../../../src/analysis/document/report-json-schema.js";
import { jsonReporter } from "../../../src/report/formats/json.js";
import { firstDifference } from "../../helpers/same-schema.js";
import { SAVED_RUNS } from "../../helpers/saved-runs.js";

const SCHEMA_FILE = fileURLToPath(new URL("../../../schema/report.schema.json", import.meta.url));

test("schema/report.schema.json is what the code says (npm run schema writes it)", () => {
  const shipped = readFileSync(SCHEMA_FILE, "utf8");
  expect(shipped).toBe(reportJsonSchemaText());
  expect(firstDifference(reportJsonSchema(), JSON.parse(shipped))).toBeNull();
});

describe.each(Object.entries(SAVED_RUNS))("report.json of a run: %s", (_, build) => {
  test("fits the schema, strictly: it names every field that there is", () => {
    const record = build();
    const report = analyse(record);
    const text = String(jsonReporter.render({ report, record }));
    expect(parseReport(text, "report.json")).toEqual(JSON.parse(text));
    expect(unnamedKeys(reportSchema, JSON.parse(text), "")).toEqual([]);
  });
});

/** Paths of keys that the schema lets through without naming them. */
function unnamedKeys(schema: z.ZodType, value: unknown, path: string): string[] {
  if (schema instanceof z.ZodObject && typeof value === "object" && value !== null) {
    const shape = schema.shape as Record<string, z.ZodType>;
    return Object.entries(value).flatMap(([key, inner]) =>
      shape[key] ? unnamedKeys(shape[key], inner, `${path}.${key}`) : [`${path}.${key}`],
    );
  }
  if (schema instanceof z.ZodArray && Array.isArray(value)) {
    return value.flatMap((inner, index) =>
      unnamedKeys(schema.element as z.ZodType, inner, `${path}[${index}]`),
    );
  }
  if (schema instanceof z.ZodUnion) {
    const options = schema.options as readonly z.ZodType[];
    const fitting = options.filter((option) => option.safeParse(value).success);
    return (
      fitting.map((option) => unnamedKeys(option, value, path)).sort((a, b) => a.length - b.length)[0] ?? []
    );
  }
  return [];
}

test.each([
  ["", "is empty"],
  ["{", "not valid JSON"],
  ["[]", "expected"],
  ['{"formatVersion":1}', "tool"],
])("what is no report is refused with what is wrong: %j", (text, complaint) => {
  expect(() => parseReport(text, "report.json")).toThrow(complaint);
});

test("a report of a newer format is refused as such", () => {
  expect(() => parseReport('{"formatVersion":99}', "r.json")).toThrow(/format 99/);
});
