import { z } from "zod";
import { gameDayReportSchema } from "./game-day-report.js";

/** Of day.json, as it is shipped. */
export function gameDayReportJsonSchemaText(): string {
  const schema = z.toJSONSchema(gameDayReportSchema, { io: "output", target: "draft-07", reused: "inline" });
  return `${JSON.stringify({ title: "faultline game day report", ...schema }, null, 2)}\n`;
}
