import { isRecord } from "../../../support/processes/read-back.js";

/** What an Envoy says of its runtime: values by key, in layers of which a later one wins. */
export class RuntimeListing {
  readonly layers: readonly string[];
  /** What each layer says of a key; "" where it says nothing. */
  readonly #values: ReadonlyMap<string, readonly string[]>;

  private constructor(layers: readonly string[], values: ReadonlyMap<string, readonly string[]>) {
    this.layers = layers;
    this.#values = values;
  }

  /** @returns null when this is no answer of an Envoy to /runtime. */
  static read(json: unknown): RuntimeListing | null {
    if (!isRecord(json) || !areTexts(json.layers) || !isRecord(json.entries)) return null;
    const values = new Map<string, readonly string[]>();
    for (const [key, entry] of Object.entries(json.entries)) {
      if (!isRecord(entry) || !areTexts(entry.layer_values)) return null;
      values.set(key, entry.layer_values);
    }
    return new RuntimeListing(json.layers, values);
  }

  /** What the layer itself says. "": nothing. */
  valueIn(layer: string, key: string): string {
    return this.#values.get(key)?.[this.layers.indexOf(layer)] ?? "";
  }

  /** The first layer above this one that says something of the key. null: none does. */
  overruledBy(layer: string, key: string): string | null {
    const above = this.layers.slice(this.layers.indexOf(layer) + 1);
    return above.find((each) => this.valueIn(each, key) !== "") ?? null;
  }
}

function areTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}
