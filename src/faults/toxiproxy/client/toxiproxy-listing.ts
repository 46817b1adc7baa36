import { isRecord } from "../../../support/processes/read-back.js";

/** A toxic as a Toxiproxy server lists it. */
export interface ListedToxic {
  readonly name: string;
  readonly type: string;
  readonly stream: string;
  readonly toxicity: number;
  readonly attributes: Readonly<Record<string, number>>;
}

/** A proxy as a Toxiproxy server lists it: everything that is needed to make it again. */
export interface ListedProxy {
  readonly name: string;
  readonly listen: string;
  readonly upstream: string;
  readonly enabled: boolean;
  readonly toxics: readonly ListedToxic[];
}

/**
 * The answer to GET /proxies, by name.
 * @returns null when the value has another form: then the server is no Toxiproxy.
 */
export function readListing(value: unknown): ReadonlyMap<string, ListedProxy> | null {
  if (!isRecord(value)) return null;
  const listing = new Map<string, ListedProxy>();
  for (const [name, each] of Object.entries(value)) {
    if (!isListedProxy(each)) return null;
    listing.set(name, each);
  }
  return listing;
}

export function isListedProxy(value: unknown): value is ListedProxy {
  return (
    isRecord(value) &&
    typeof value.name === "string" &&
    typeof value.listen === "string" &&
    typeof value.upstream === "string" &&
    typeof value.enabled === "boolean" &&
    Array.isArray(value.toxics) &&
    value.toxics.every(isListedToxic)
  );
}

function isListedToxic(value: unknown): value is ListedToxic {
  return (
    isRecord(value) &&
    typeof value.name === "string" &&
    typeof value.type === "string" &&
    typeof value.stream === "string" &&
    typeof value.toxicity === "number" &&
    isRecord(value.attributes)
  );
}
