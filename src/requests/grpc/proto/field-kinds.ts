import protobuf from "protobufjs";
import type { WantedValue } from "../scalar-values.js";

/** What one value of a field is, whether the field has one of them, a list or a map. */
export type FieldKind =
  | { readonly kind: "message"; readonly type: protobuf.Type }
  /** A well-known type whose JSON is no map of its fields, such as a timestamp. */
  | { readonly kind: "well-known"; readonly type: protobuf.Type }
  | { readonly kind: "value"; readonly wanted: WantedValue };

export function kindOfField({ resolvedType, type }: protobuf.FieldBase): FieldKind {
  if (resolvedType instanceof protobuf.Type) {
    return { kind: isWellKnown(resolvedType) ? "well-known" : "message", type: resolvedType };
  }
  if (resolvedType instanceof protobuf.Enum) {
    const names = Object.keys(resolvedType.values);
    return { kind: "value", wanted: { kind: "enum", names } };
  }
  return { kind: "value", wanted: { kind: "scalar", type } };
}

/** Fields of a message by all their names: that of the file and that of JSON. */
export function fieldNamed(type: protobuf.Type, name: string): protobuf.Field | undefined {
  return type.fieldsArray.find((field) => field.protoName === name || field.jsonName === name);
}

/** Those with a form of their own in JSON. */
const WELL_KNOWN = new Set(
  [
    "Any",
    "BoolValue",
    "BytesValue",
    "DoubleValue",
    "Duration",
    "FieldMask",
    "FloatValue",
    "Int32Value",
    "Int64Value",
    "ListValue",
    "StringValue",
    "Struct",
    "Timestamp",
    "UInt32Value",
    "UInt64Value",
    "Value",
  ].map((name) => `.google.protobuf.${name}`),
);

/** What a text with ${…} must come to in the place of a well-known type. @returns null when none can stand there. */
export function wantedOfWellKnown(type: protobuf.Type): WantedValue | null {
  if (isFreeForm(type)) return null;
  const { fullName } = type;
  const name = fullName.slice(".google.protobuf.".length);
  if (name === "Timestamp" || name === "Duration") return { kind: "scalar", type: name.toLowerCase() };
  const wrapped = /^(\w+)Value$/.exec(name)?.[1];
  return wrapped === undefined ? null : { kind: "scalar", type: wrapped.toLowerCase() };
}

function isWellKnown({ fullName }: protobuf.Type): boolean {
  return WELL_KNOWN.has(fullName);
}

/** Whether any data can stand there. */
export function isFreeForm({ fullName }: protobuf.Type): boolean {
  return /^\.google\.protobuf\.(?:ListValue|Struct|Value)$/.test(fullName);
}
