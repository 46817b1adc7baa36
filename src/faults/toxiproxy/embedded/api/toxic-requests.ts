import type { Stream } from "../../../modifiers.js";
import type { ToxicProxy } from "../stream/proxy.js";
import type { ToxicType } from "../stream/toxic.js";
import type { ToxicEntry } from "../stream/toxic-entry.js";
import { emptyTally } from "../stream/toxic-tally.js";
import { TOXIC_TYPES } from "../toxics/index.js";
import { ApiError } from "./api-error.js";
import { badBody, Fields, readBody } from "./body.js";
import type { JsonNode } from "./json.js";

/** Makes a toxic from a request's body and puts it on the proxy. @throws ApiError. */
export function createToxic(proxy: ToxicProxy, body: string): ToxicEntry {
  return createToxicFrom(proxy, readBody(body));
}

/** As `createToxic`, from a body that was already read. */
export function createToxicFrom(proxy: ToxicProxy, body: JsonNode): ToxicEntry {
  const fields = new Fields(body);
  const name = fields.text("name") ?? "";
  const typeName = fields.text("type") ?? "";
  const stream = fields.text("stream") ?? "downstream";
  const toxicity = fields.float32("toxicity") ?? 1;
  const attributes = fields.object("attributes");
  fields.check();

  const direction = parseStream(stream);
  const type = TOXIC_TYPES.get(typeName);
  if (!type) throw new ApiError(400, "invalid toxic type");
  const entryName = name === "" ? `${typeName}_${stream}` : name;
  if (proxy.toxic(entryName)) throw new ApiError(409, "toxic already exists");
  const settings: Record<string, number> = Object.fromEntries(type.attributes.map((each) => [each, 0]));
  if (attributes) {
    const values = new Fields(attributes, "attributes.");
    readSettings(type, values, settings);
    values.check();
  }
  refuseUnusable(type, settings);

  const tally = emptyTally();
  const entry: ToxicEntry = { name: entryName, type, direction, stream, toxicity, settings, tally };
  proxy.addToxic(entry);
  return entry;
}

/**
 * Changes a toxic by a request's body. @throws ApiError; attributes of the right type are changed even when another
 * field had the wrong type, as on the real server.
 */
export function updateToxic(proxy: ToxicProxy, entry: ToxicEntry, body: string): void {
  const fields = new Fields(readBody(body));
  const attributes = fields.object("attributes");
  const toxicity = fields.float32("toxicity");
  const settings = { ...entry.settings };
  const values = attributes ? new Fields(attributes, "attributes.") : null;
  if (values) readSettings(entry.type, values, settings);
  refuseUnusable(entry.type, settings);
  Object.assign(entry.settings, settings);
  values?.check();
  fields.check();
  entry.toxicity = toxicity ?? entry.toxicity;
  entry.tally = emptyTally();
  proxy.toxicUpdated(entry);
}

function parseStream(text: string): Stream {
  const stream = text.toLowerCase();
  if (stream === "upstream" || stream === "downstream") return stream;
  throw new ApiError(400, "stream was invalid, can be either upstream or downstream");
}

function readSettings(type: ToxicType, values: Fields, settings: Record<string, number>): void {
  for (const name of type.attributes) {
    const value = type.fractions?.includes(name) ? values.float64(name) : values.int64(name);
    if (value !== undefined) settings[name] = value;
  }
}

function refuseUnusable(type: ToxicType, settings: Record<string, number>): void {
  const why = type.refuse?.(settings) ?? null;
  if (why !== null) throw badBody(`attribute ${why}`);
}
