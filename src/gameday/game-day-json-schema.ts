import { z } from "zod";
import { allowTemplates, type JsonSchema } from "../scenario/generate/json-schema.js";
import { shareParts } from "../support/json-schema/share-parts.js";
import { gameDaySchema } from "./schema/game-day.js";

/** The format of game days for editors: what may stand where, with hover text. */
export function gameDayJsonSchema(): JsonSchema {
  const schema = z.toJSONSchema(gameDaySchema, { io: "input", target: "draft-07", reused: "inline" });
  const withTemplates = allowTemplates(schema as JsonSchema); // zod's type has more keywords than are looked at there
  return {
    ...withTemplates,
    properties: {
      ...withTemplates.properties,
      vars: {
        description: "Variables for ${NAME} in any value; --var NAME=VALUE changes one.",
        type: "object",
        additionalProperties: { anyOf: [{ type: "string" }, { type: "number" }, { type: "boolean" }] },
      },
    },
  };
}

/** As it is shipped. */
export function gameDayJsonSchemaText(): string {
  return `${JSON.stringify(shareParts(gameDayJsonSchema()), null, 2)}\n`;
}
