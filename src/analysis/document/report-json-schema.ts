import { z } from "zod";
import { shareParts } from "../../support/json-schema/share-parts.js";
import { reportSchema } from "./report.js";

/** Of report.json. */
export function reportJsonSchema(): object {
  return {
    title: "faultline report",
    description: "report.json, as faultline writes it. Fields may be added; none of these goes away.",
    ...z.toJSONSchema(reportSchema, { io: "input" }),
  };
}

/** The text of schema/report.schema.json. */
export function reportJsonSchemaText(): string {
  return `${JSON.stringify(shareParts(reportJsonSchema()), null, 2)}\n`;
}
