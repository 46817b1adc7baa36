import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { actionsJsonSchemaText } from "../../../src/gameday/actions/actions-json-schema.js";

test("schema/actions.schema.json is what the code says (npm run schema writes it)", () => {
  const shipped = readFileSync(new URL("../../../schema/actions.schema.json", import.meta.url), "utf8");
  expect(shipped).toBe(actionsJsonSchemaText());
});
