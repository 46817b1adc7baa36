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
  if (kind.kind === "well-known") return isObject(value) ? wellKnownJson(kind.type, value) : null;
  if (field.resolvedType instanceof protobuf.Enum && typeof value === "number") {
    return field.resolvedType.valuesById[value] ?? value;
  }
  if (field.bytes) return value instanceof Uint8Array ? Buffer.from(value).toString("base64") : "";
  // Numbers of 64 bits.
  if (isObject(value)) {
    const text = String(value);
    return Number.isSafeInteger(Number(text)) ? Number(text) : text;
  }
  if (typeof value !== "number") return value;
  if (!Number.isFinite(value)) return String(value);
  return field.type === "float" ? shortestFloat(value) : value;
}

/** Their JSON is that of the field that they have. */
const NUMBER_WRAPPERS = /^\.google\.protobuf\.(?:Float|Int64|UInt64)Value$/;

function wellKnownJson(type: protobuf.Type, value: object): unknown {
  const wrapped = NUMBER_WRAPPERS.test(type.fullName) ? type.fields.value : undefined;
  if (wrapped !== undefined) return fieldJson(wrapped, Reflect.get(value, wrapped.name));
  try {
    return protojson.toJson(type, value);
  } catch {
    // It has no JSON: a time out of range, or a message of a type that is not known here. The rest of the answer has.
    return type.fullName === ANY ? { "@type": Reflect.get(value, "type_url") } : null;
  }
}

const ANY = ".google.protobuf.Any";
/** So many digits tell any two numbers of 32 bits apart. Fewer tell most. */
const FLOAT_DIGITS = [6, 7, 8, 9];

/** @returns 0.1 for the number of 32 bits that is nearest to it, as JSON of protobuf has it. */
function shortestFloat(value: number): number {
  const shorter = FLOAT_DIGITS.map((digits) => Number(value.toPrecision(digits)));
  return shorter.find((number) => Math.fround(number) === value) ?? value;
}

/** `__proto__` is a name like any other. */
function define(target: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
