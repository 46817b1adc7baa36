import { z } from "zod";
import { shareParts } from "../../support/json-schema/share-parts.js";
import { scenarioSchema } from "../schema/scenario.js";

/** A node of JSON Schema, as far as it is used here. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  /** Used in our own schemas in place of `examples`. The generator drops those where a text is transformed. */
  readonly samples?: readonly unknown[];
  readonly pattern?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly anyOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly propertyNames?: JsonSchema;
  readonly $ref?: string;
}

/** A variable may stand wherever a text, a number or a switch is expected. */
const TEMPLATE = { type: "string", pattern: "\\$\\{" } as const;

/** The scenario's format for editors: what may stand where, with hover text. Each part stands where it is used. */
export function scenarioJsonSchema(): JsonSchema {
  const schema = z.toJSONSchema(scenarioSchema, { io: "input", target: "draft-07", reused: "inline" });
  const withTemplates = allowTemplates(schema as JsonSchema); // zod's type has more keywords than are looked at here
  const { properties = {}, ...rest } = withTemplates;
  return {
    ...rest,
    // Read before the schema is applied, so they are not in it.
    properties: {
      faultline: properties.faultline ?? {},
      name: properties.name ?? {},
      extends: {
        description:
          "A scenario (or several) underneath this one: this file's values win, maps are merged, lists replaced.",
        examples: ["base.yaml"],
        anyOf: [{ type: "string" }, { type: "array", items: { type: "string" } }],
      },
      include: {
        description:
          "Shared parts to add: maps are merged, this file's values win, lists are put one after the other.",
        examples: [["services.yaml", "slos.yaml"]],
        anyOf: [{ type: "string" }, { type: "array", items: { type: "string" } }],
      },
      vars: {
        description: "Variables for ${NAME} in any value; --var NAME=VALUE changes one.",
        examples: [{ rate: "100/s" }],
        type: "object",
        additionalProperties: { anyOf: [{ type: "string" }, { type: "number" }, { type: "boolean" }] },
      },
      ...properties,
    },
    // With extends or include the rest may be in another file.
    required: ["faultline"],
  };
}

/** The text of schema/scenario.schema.json. Parts that are alike stand there once. */
export function scenarioJsonSchemaText(): string {
  return `${JSON.stringify(shareParts(scenarioJsonSchema()), null, 2)}\n`;
}

/** The same schema with variables allowed, and with examples where editors look for them. */
export function allowTemplates(schema: JsonSchema): JsonSchema {
  const { properties, items, additionalProperties, anyOf, propertyNames, samples, ...own } = schema;
  const inner: JsonSchema = {
    ...own,
    ...(samples && { examples: samples }),
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([key, value]) => [key, allowTemplates(value)]),
      ),
    }),
    ...(items && { items: allowTemplates(items) }),
    ...(additionalProperties !== undefined && {
      additionalProperties:
        typeof additionalProperties === "object"
          ? allowTemplates(additionalProperties)
          : additionalProperties,
    }),
    ...(anyOf && { anyOf: anyOf.map(allowTemplates) }),
    ...(propertyNames && { propertyNames }),
  };
  if (!takesTemplate(schema)) return inner;
  const { title, description, default: fallback, examples, ...constraints } = inner;
  // Hover text stays outside, where editors look for it.
  return {
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    ...(fallback !== undefined && { default: fallback }),
    ...(examples !== undefined && { examples }),
    anyOf: [constraints, TEMPLATE],
  };
}

function takesTemplate({ type, pattern, enum: values, const: value }: JsonSchema): boolean {
  if (values !== undefined || (value !== undefined && value !== 1)) return true;
  if (type === "number" || type === "integer" || type === "boolean") return value === undefined;
  return type === "string" && pattern !== undefined;
}
