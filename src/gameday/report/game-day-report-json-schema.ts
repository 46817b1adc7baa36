import { z } from "zod";
import { shareParts } from "../../support/json-schema/share-parts.js";
import { gameDayReportSchema } from "./game-day-report.js";

/** Of day.json. */
export function gameDayReportJsonSchema(): object {
  const schema = z.toJSONSchema(gameDayReportSchema, { io: "output", target: "draft-07", reused: "inline" });
  return { title: "faultline game day report", ...schema };
}

/** As it is shipped. */
export function gameDayReportJsonSchemaText(): string {
  return `${JSON.stringify(shareParts(gameDayReportJsonSchema()), null, 2)}\n`;
}
