import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import {
  gameDayReportJsonSchema,
  gameDayReportJsonSchemaText,
} from "../../src/gameday/report/game-day-report-json-schema.js";
import { firstDifference } from "../helpers/same-schema.js";

test("schema/gameday-report.schema.json is what the code says (npm run schema writes it)", () => {
  const shipped = readFileSync(new URL("../../schema/gameday-report.schema.json", import.meta.url), "utf8");
  expect(shipped).toBe(gameDayReportJsonSchemaText());
  expect(firstDifference(gameDayReportJsonSchema(), JSON.parse(shipped))).toBeNull();
});
