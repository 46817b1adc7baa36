import { z } from "zod";
import { actionsSchema } from "../schema/actions.js";

/** schema/actions.schema.json: the format of action items for editors. */
export function actionsJsonSchemaText(): string {
  const schema = z.toJSONSchema(actionsSchema, { io: "input", target: "draft-07", reused: "inline" });
  return `${JSON.stringify(schema, null, 2)}\n`;
}
