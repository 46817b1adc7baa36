import type protobuf from "protobufjs";
import type { Mistake } from "../../../notation/complaint.js";
import { type JsonPath, jsonPathMistake, parseJsonPath } from "../../../notation/json-path.js";
import { nearest } from "../../../support/names/suggestion.js";
import { typeName } from "./check-message.js";
import { fieldNamed, kindOfField, wantedOfWellKnown } from "./field-kinds.js";

/** What stands at a step of a path. */
type Place =
  | { readonly kind: "list" | "map"; readonly of: Place }
  | { readonly kind: "message"; readonly type: protobuf.Type }
  | { readonly kind: "text" }
  | { readonly kind: "other" }
  /** Data of any form. */
  | { readonly kind: "any" };

/** A JSON path into a message, with the names that its JSON has. */
export type MessagePath = { readonly path: string } | { readonly mistake: Mistake };

/** `isList`: the answer is a list of such messages. */
export function messagePath(type: protobuf.Type, isList: boolean, text: string): MessagePath {
  const steps = parseJsonPath(text);
  if (steps === null) {
    return { mistake: jsonPathMistake(text) ?? { message: `\`${text}\` is not a JSON path`, help: "" } };
  }
  const message: Place = { kind: "message", type };
  let place: Place = isList ? { kind: "list", of: message } : message;
  const named: (string | number)[] = [];
  for (const step of steps) {
    const next = follow(place, step);
    if ("mistake" in next) return { mistake: next.mistake };
    named.push(next.name);
    place = next.place;
  }
  return { path: pathText(named) };
}

type Followed = { readonly name: string | number; readonly place: Place } | { readonly mistake: Mistake };

function follow(place: Place, step: string | number): Followed {
  const other: Place = { kind: "other" };
  switch (place.kind) {
    case "any":
      return { name: step, place };
    case "map":
      return { name: step, place: place.of };
    case "list":
      if (step === "length") return { name: step, place: other };
      if (typeof step === "number") return { name: step, place: place.of };
      return {
        mistake: { message: `\`${step}\`: there is a list, and its items have positions`, help: LIST_HELP },
      };
    case "message":
      return followField(place.type, String(step));
    case "text":
      if (step === "length") return { name: step, place: other };
      return { mistake: nothingIn(step) };
    case "other":
      return { mistake: nothingIn(step) };
  }
}

const LIST_HELP = "Write $.items[0].id; $.items.length is how many there are.";

function nothingIn(step: string | number): Mistake {
  return { message: `\`${step}\` leads into a value that has no parts`, help: "Leave it out." };
}

function followField(type: protobuf.Type, name: string): Followed {
  const field = fieldNamed(type, name);
  if (field !== undefined) return { name: field.jsonName, place: placeOfField(field) };
  const known = type.fieldsArray.map(({ protoName }) => protoName);
  const near = nearest(name, known);
  const guess = near === null ? "" : `; did you mean \`${near}\`?`;
  const help = known.length === 0 ? "It has no fields." : `It has ${known.slice(0, MOST_NAMED).join(", ")}.`;
  return { mistake: { message: `${typeName(type)} has no field \`${name}\`${guess}`, help } };
}

const MOST_NAMED = 12;

function placeOfField(field: protobuf.Field): Place {
  const of = placeOfValue(field);
  if (field.map) return { kind: "map", of };
  return field.repeated ? { kind: "list", of } : of;
}

function placeOfValue(field: protobuf.Field): Place {
  const kind = kindOfField(field);
  if (kind.kind === "message") return kind;
  if (kind.kind === "well-known") return { kind: wantedOfWellKnown(kind.type) === null ? "any" : "text" };
  const isNumber = kind.wanted.kind === "scalar" && !["string", "bytes"].includes(kind.wanted.type);
  return { kind: isNumber ? "other" : "text" };
}

function pathText(steps: JsonPath): string {
  return steps.reduce<string>((text, step) => {
    if (typeof step === "number") return `${text}[${step}]`;
    return /^[A-Za-z_$][\w$-]*$/.test(step) ? `${text}.${step}` : `${text}[${JSON.stringify(step)}]`;
  }, "$");
}
