import protobuf from "protobufjs";
import protojson from "protobufjs/ext/protojson.js";
import { isMap } from "../../../quantities/valid-parts.js";
import { kindOfField } from "./field-kinds.js";

/**
 * A message as JSON of protobuf has it, but for two things: fields that have their default value are there, and a whole
 * number of 64 bits is a number as long as JavaScript can tell it from its neighbours.
 */
export function messageJson(type: protobuf.Type, message: object): Readonly<Record<string, unknown>> {
  const json: Record<string, unknown> = {};
  for (const field of type.fieldsArray) {
    // A message may have any name as a field.
    const value: unknown = Object.hasOwn(message, field.name) ? Reflect.get(message, field.name) : undefined;
    const written = fieldJson(field, value);
    if (written !== undefined) define(json, field.jsonName, written);
  }
  return json;
}

/** @returns undefined when the field is not there. */
function fieldJson(field: protobuf.Field, value: unknown): unknown {
  if (field.map) {
    const entries: Record<string, unknown> = {};
    for (const [key, inner] of Object.entries(isMap(value) ? value : {})) {
      define(entries, keyText(field, key), valueJson(field, inner));
    }
    return entries;
  }
  if (field.repeated) return Array.isArray(value) ? value.map((inner) => valueJson(field, inner)) : [];
  if (value !== undefined && value !== null) return valueJson(field, value);
  const mayBeMissing = field.hasPresence || field.resolvedType instanceof protobuf.Type;
  return mayBeMissing ? undefined : valueJson(field, field.defaultValue);
}

/** A key of 64 bits is kept as its bytes. */
function keyText(field: protobuf.FieldBase, key: string): string {
  const keyType = field instanceof protobuf.MapField ? field.keyType : "";
  if (!keyType.endsWith("64")) return key;
  return protobuf.util.longFromKey(key, keyType === "uint64" || keyType === "fixed64").toString();
}

function valueJson(field: protobuf.FieldBase, value: unknown): unknown {
  const kind = kindOfField(field);
  if (kind.kind === "message") return isObject(value) ? messageJson(kind.type, value) : null;
  if (kind.kind === "well-known") return isObject(value) ? protojson.toJson(kind.type, value) : null;
  if (field.resolvedType instanceof protobuf.Enum && typeof value === "number") {
    return field.resolvedType.valuesById[value] ?? value;
  }
  if (field.bytes) return value instanceof Uint8Array ? Buffer.from(value).toString("base64") : "";
  // Numbers of 64 bits.
  if (isObject(value)) {
    const text = String(value);
    return Number.isSafeInteger(Number(text)) ? Number(text) : text;
  }
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}

/** `__proto__` is a name like any other. */
function define(target: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
