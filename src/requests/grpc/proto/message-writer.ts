import type protobuf from "protobufjs";
import protojson from "protobufjs/ext/protojson.js";
import { isMap } from "../../../quantities/valid-parts.js";
import { valueOfText } from "../scalar-values.js";
import { holdsSlots, literalOf } from "./check-message.js";
import { type FieldKind, fieldNamed, kindOfField, wantedOfWellKnown } from "./field-kinds.js";

/** Makes the bytes of a message. `values`: those of one request. */
export type WriteMessage<Values> = (values: Values) => Uint8Array;

/** Makes a function that fills a template's slots. */
export type CompileText<Values> = (template: string) => (values: Values) => string;

/** Puts what varies into a message that is there already. */
type Fill<Values> = (values: Values) => void;

/** A message as the scenario writes it, ready to be made many times. `isConstant`: its bytes are always the same. */
export interface MessageWriter<Values> {
  readonly isConstant: boolean;
  /** @throws Error: a value is none for its field. */
  readonly write: WriteMessage<Values>;
}

export function messageWriter<Values>(
  type: protobuf.Type,
  data: unknown,
  compile: CompileText<Values>,
): MessageWriter<Values> {
  const { message, fills } = new Template(compile).message(type, data);
  if (fills.length === 0) {
    const bytes = type.encode(message).finish();
    return { isConstant: true, write: () => bytes };
  }
  // Whoever is asked for the next message has no use for the last one.
  const write = (values: Values) => {
    for (const fill of fills) fill(values);
    return type.encode(message).finish();
  };
  return { isConstant: false, write };
}

/** Reads data whose texts have had their slots filled. */
type Read<Values> = (values: Values) => unknown;

type Message = ReturnType<typeof protojson.fromJson>;

interface FilledMessage<Values> {
  readonly message: Message;
  readonly fills: readonly Fill<Values>[];
}

class Template<Values> {
  readonly #compile: CompileText<Values>;

  constructor(compile: CompileText<Values>) {
    this.#compile = compile;
  }

  /** The data has been checked: each of its keys is a field. */
  message(type: protobuf.Type, data: unknown): FilledMessage<Values> {
    const entries = Object.entries(isMap(data) ? data : {});
    const fixed = entries.filter(([, value]) => !holdsSlots(value));
    const message = protojson.fromJson(type, literalOf(Object.fromEntries(fixed)));
    const fills: Fill<Values>[] = [];
    for (const [name, value] of entries) {
      const field = fieldNamed(type, name);
      if (field !== undefined && holdsSlots(value))
        fills.push(...this.#field(type, message, field, name, value));
    }
    return { message, fills };
  }

  #field(
    type: protobuf.Type,
    message: Message,
    field: protobuf.Field,
    name: string,
    value: unknown,
  ): readonly Fill<Values>[] {
    const kind = kindOfField(field);
    if (kind.kind === "message" && !field.map && !field.repeated) {
      const inner = this.message(kind.type, value);
      Reflect.set(message, field.name, inner.message);
      return inner.fills;
    }
    if (field.type === "string" && typeof value === "string") {
      const fill = this.#compile(value);
      return [(values) => Reflect.set(message, field.name, fill(values))];
    }
    const read = this.#fieldData(field, value);
    return [
      (values) => {
        const made = protojson.fromJson(type, { [name]: read(values) });
        // A default value is none: its field stays empty.
        const is = Object.hasOwn(made, field.name) ? Reflect.get(made, field.name) : undefined;
        Reflect.set(message, field.name, is);
      },
    ];
  }

  #fieldData(field: protobuf.Field, value: unknown): Read<Values> {
    const kind = kindOfField(field);
    if (field.map && isMap(value)) return this.#all(value, (inner) => this.#value(kind, inner));
    if (field.repeated && Array.isArray(value)) {
      const items = value.map((inner) => this.#value(kind, inner));
      return (values) => items.map((read) => read(values));
    }
    return this.#value(kind, value);
  }

  #value(kind: FieldKind, value: unknown): Read<Values> {
    if (!holdsSlots(value)) {
      const literal = literalOf(value);
      return () => literal;
    }
    if (kind.kind === "message" && isMap(value)) {
      return this.#all(value, (inner, name) => {
        const field = fieldNamed(kind.type, name);
        return field === undefined ? () => null : this.#fieldData(field, inner);
      });
    }
    const wanted =
      kind.kind === "value" ? kind.wanted : kind.kind === "well-known" ? wantedOfWellKnown(kind.type) : null;
    if (typeof value !== "string") return this.#freeForm(value);
    const fill = this.#compile(value);
    return wanted === null ? fill : (values) => valueOfText(wanted, fill(values));
  }

  /** Data of any form. */
  #freeForm(value: unknown): Read<Values> {
    if (typeof value === "string") return this.#compile(value);
    if (Array.isArray(value)) {
      const items = value.map((inner) => this.#freeForm(inner));
      return (values) => items.map((read) => read(values));
    }
    return isMap(value) ? this.#all(value, (inner) => this.#freeForm(inner)) : () => value;
  }

  #all(
    map: Readonly<Record<string, unknown>>,
    readerOf: (value: unknown, name: string) => Read<Values>,
  ): Read<Values> {
    const readers = Object.entries(map).map(([name, inner]) => [name, readerOf(inner, name)] as const);
    return (values) => Object.fromEntries(readers.map(([name, read]) => [name, read(values)]));
  }
}
