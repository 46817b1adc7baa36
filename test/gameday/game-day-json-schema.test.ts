import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { gameDayJsonSchema, gameDayJsonSchemaText } from "../../src/gameday/game-day-json-schema.js";
import type { JsonSchema } from "../../src/scenario/generate/json-schema.js";
import { firstDifference } from "../helpers/same-schema.js";

test("schema/gameday.schema.json is what the code says (npm run schema writes it)", () => {
  const shipped = readFileSync(new URL("../../schema/gameday.schema.json", import.meta.url), "utf8");
  expect(shipped).toBe(gameDayJsonSchemaText());
  expect(firstDifference(gameDayJsonSchema(), JSON.parse(shipped))).toBeNull();
});

test("every key of a game day has a description for hover texts", () => {
  const lacking: string[] = [];
  const walk = (schema: JsonSchema, path: string) => {
    for (const [key, inner] of Object.entries(schema.properties ?? {})) {
      if (inner.description === undefined) lacking.push(`${path}.${key}`);
      walk(inner, `${path}.${key}`);
    }
    if (schema.items) walk(schema.items, `${path}[]`);
    if (typeof schema.additionalProperties === "object") walk(schema.additionalProperties, `${path}.*`);
    for (const branch of schema.anyOf ?? []) walk(branch, path);
  };
  walk(gameDayJsonSchema(), "");
  expect(lacking).toEqual([]);
});
