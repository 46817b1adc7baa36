import protobuf from "protobufjs";
import protojson from "protobufjs/ext/protojson.js";
import type { Complaint } from "../../../notation/complaint.js";
import { isMap } from "../../../quantities/valid-parts.js";
import { messageOf } from "../../../support/errors.js";
import { nearest } from "../../../support/names/suggestion.js";
import { hasSlots, literalText } from "../../template-text.js";
import { valueMistake, valueOfText, type WantedValue } from "../scalar-values.js";
import type { TypedSlot } from "../typed-slot.js";
import { type FieldKind, fieldNamed, isFreeForm, kindOfField, wantedOfWellKnown } from "./field-kinds.js";

type Path = Complaint["path"];

export interface CheckedMessage {
  readonly complaints: readonly Complaint[];
  readonly slots: readonly TypedSlot[];
}

/** Holds data as a scenario writes it against the type of a message. `path`: where it stands, from the request. */
export function checkMessage(type: protobuf.Type, value: unknown, path: Path): CheckedMessage {
  const check = new MessageCheck();
  check.message(type, value, path);
  return check;
}

const MOST_NAMED = 12;
/** As the parser allows. */
const DEEPEST = 100;

class MessageCheck implements CheckedMessage {
  readonly complaints: Complaint[] = [];
  readonly slots: TypedSlot[] = [];

  message(type: protobuf.Type, value: unknown, path: Path): void {
    if (path.length > DEEPEST) this.#wrong(path, "the message is nested too deeply");
    else if (!isMap(value)) this.#wrong(path, `expected a map of fields (${typeName(type)})`);
    else this.#fields(type, value, path);
  }

  #fields(type: protobuf.Type, value: Readonly<Record<string, unknown>>, path: Path): void {
    const seen = new Map<string, string>();
    for (const [name, inner] of Object.entries(value)) {
      const field = fieldNamed(type, name);
      if (field === undefined) this.#unknownField(type, name, path);
      else {
        this.#once(field, name, seen, path);
        if (inner !== null) this.#field(field, inner, [...path, name]);
      }
    }
    for (const { required, protoName } of type.fieldsArray) {
      if (!required || seen.has(protoName)) continue;
      this.#wrong(path, `\`${protoName}\` is missing: ${typeName(type)} requires it`);
    }
  }

  #unknownField(type: protobuf.Type, name: string, path: Path): void {
    const known = type.fieldsArray.map(({ protoName }) => protoName);
    const near = nearest(name, known);
    const message = `${typeName(type)} has no field \`${name}\`${near === null ? "" : `; did you mean \`${near}\`?`}`;
    const more = known.length > MOST_NAMED ? " and others" : "";
    const help =
      known.length === 0 ? "It has no fields." : `It has ${known.slice(0, MOST_NAMED).join(", ")}${more}.`;
    this.complaints.push({ code: "unknown-name", path: [...path, name], at: "key", message, help });
  }

  /** A field that has two names is one field, and of alternatives there is one. */
  #once(field: protobuf.Field, name: string, seen: Map<string, string>, path: Path): void {
    const alternatives =
      field.partOf !== null && field.partOf.fieldsArray.length > 1 ? field.partOf.name : null;
    const keys = [field.protoName, ...(alternatives === null ? [] : [`oneof ${alternatives}`])];
    const other = keys.map((key) => seen.get(key)).find((found) => found !== undefined);
    for (const key of keys) seen.set(key, name);
    if (other === undefined) return;
    const message =
      alternatives === null
        ? `\`${other}\` and \`${name}\` are one field`
        : `\`${other}\` and \`${name}\` are alternatives (oneof ${alternatives})`;
    this.complaints.push({
      code: "conflict",
      path: [...path, name],
      at: "key",
      message,
      help: "Give one of them.",
    });
  }

  #field(field: protobuf.Field, value: unknown, path: Path): void {
    const kind = kindOfField(field);
    if (field instanceof protobuf.MapField) this.#map(field.keyType, kind, value, path);
    else if (!field.repeated) this.#value(kind, value, path);
    else if (!Array.isArray(value)) this.#wrong(path, "expected a list");
    else for (const [index, inner] of value.entries()) this.#value(kind, inner, [...path, index]);
  }

  #map(keyType: string, kind: FieldKind, value: unknown, path: Path): void {
    if (!isMap(value)) {
      this.#wrong(path, "expected a map of keys to values");
      return;
    }
    const wanted: WantedValue = { kind: "scalar", type: keyType };
    for (const [key, inner] of Object.entries(value)) {
      const mistake = valueMistake(wanted, valueOfText(wanted, key));
      if (mistake !== null) this.#wrong([...path, key], `a key: expected ${mistake}`, "key");
      this.#value(kind, inner, [...path, key]);
    }
  }

  #value(kind: FieldKind, value: unknown, path: Path): void {
    if (kind.kind === "message") this.message(kind.type, value, path);
    else if (kind.kind === "well-known") this.#wellKnown(kind.type, value, path);
    else if (typeof value === "string" && hasSlots(value)) this.#slot(kind.wanted, value, path);
    else this.#literal(kind.wanted, value, path);
  }

  #slot(wanted: WantedValue, template: string, path: Path): void {
    if (!isText(wanted)) this.slots.push({ path, template, wanted });
  }

  #literal(wanted: WantedValue, value: unknown, path: Path): void {
    const mistake = valueMistake(wanted, literalOf(value));
    if (mistake === null) return;
    const message = `expected ${mistake}; found ${shown(value)}`;
    this.complaints.push({ code: "wrong-value", path, at: "value", message, ...helpFor(wanted, value) });
  }

  #wellKnown(type: protobuf.Type, value: unknown, path: Path): void {
    if (holdsSlots(value)) {
      if (isFreeForm(type)) return;
      const wanted = wantedOfWellKnown(type);
      if (wanted !== null && typeof value === "string") {
        this.#slot(wanted, value, path);
      } else this.#wrong(path, `values of each request cannot stand in a ${typeName(type)}`);
      return;
    }
    try {
      protojson.fromJson(type, literalOf(value));
    } catch (error) {
      this.#wrong(path, `no ${typeName(type)}: ${messageOf(error).replace(/^[\w.]*: /, "")}`);
    }
  }

  #wrong(path: Path, message: string, at: "key" | "value" = "value"): void {
    this.complaints.push({ code: "wrong-value", path, at, message });
  }
}

function isText(wanted: WantedValue): boolean {
  return wanted.kind === "scalar" && wanted.type === "string";
}

/** Whether ${…} stands anywhere in it. */
export function holdsSlots(value: unknown): boolean {
  if (typeof value === "string") return hasSlots(value);
  if (Array.isArray(value)) return value.some(holdsSlots);
  return isMap(value) && Object.values(value).some(holdsSlots);
}

/** Data without templates, from data whose texts are templates without ${…}. Keys are never templates. */
export function literalOf(value: unknown): unknown {
  if (typeof value === "string") return literalText(value);
  if (Array.isArray(value)) return value.map(literalOf);
  if (!isMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, literalOf(inner)]));
}

export function typeName({ fullName }: protobuf.Type): string {
  return fullName.slice(1);
}

function helpFor(wanted: WantedValue, value: unknown): { readonly help?: string } {
  if (wanted.kind === "enum") {
    const near = typeof value === "string" ? nearest(value, wanted.names) : null;
    return near === null ? {} : { help: `Write ${near}.` };
  }
  if (isText(wanted) && (typeof value === "number" || typeof value === "boolean")) {
    return { help: `Write "${value}", with quotes.` };
  }
  if (typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value)) {
    return { help: `Write it in quotes: as a number it goes up to ${Number.MAX_SAFE_INTEGER} here.` };
  }
  return {};
}

const LONGEST_SHOWN = 40;

function shown(value: unknown): string {
  if (value === null) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a map";
  if (typeof value !== "string") return String(value);
  return value.length > LONGEST_SHOWN ? "a long text" : `the text "${value}"`;
}
