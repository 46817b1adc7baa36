import { isRecord, isTextOrNull } from "../../../support/processes/read-back.js";

/** The key by which a run says in an Envoy's runtime that it has a fault there. Its value is the run's. */
export const MARK_KEY = "faultline.run";

/** What a run is about to set in the runtime of an Envoy. The driver's undo entries hold it. */
export interface EnvoyDeed {
  readonly kind: "runtime";
  /** URL of the admin interface. */
  readonly admin: string;
  /** The layer that it is set in. */
  readonly layer: string;
  /** The value of MARK_KEY. */
  readonly mark: string;
  /** The service of the run that the Envoy is. null: it is none, or this is not known. */
  readonly service: string | null;
  readonly keys: readonly KeyDeed[];
}

export interface KeyDeed {
  readonly key: string;
  /** What the layer said before. "": nothing. */
  readonly found: string;
  readonly set: string;
}

export function isEnvoyDeed(value: unknown): value is EnvoyDeed {
  return (
    isRecord(value) &&
    value.kind === "runtime" &&
    typeof value.admin === "string" &&
    URL.canParse(value.admin) &&
    typeof value.layer === "string" &&
    typeof value.mark === "string" &&
    isTextOrNull(value.service) &&
    Array.isArray(value.keys) &&
    value.keys.every(isKeyDeed)
  );
}

function isKeyDeed(value: unknown): boolean {
  return isRecord(value) && [value.key, value.found, value.set].every((each) => typeof each === "string");
}

/** What a run has set in one Envoy, gathered by key. */
export interface TouchedRuntime {
  readonly layer: string;
  readonly mark: string;
  readonly keys: ReadonlyMap<string, TouchedKey>;
}

export interface TouchedKey {
  readonly found: string;
  /** All that the run has set there. */
  readonly set: readonly string[];
}

/** @param deeds on one Envoy, in their order. A later fault found what the ones before it had put back. */
export function runtimeTouchedBy(deeds: readonly EnvoyDeed[]): TouchedRuntime | null {
  const last = deeds.at(-1);
  if (last === undefined) return null;
  const keys = new Map<string, TouchedKey>();
  for (const { key, found, set } of deeds.flatMap((deed) => deed.keys)) {
    keys.set(key, { found, set: [...(keys.get(key)?.set ?? []), set] });
  }
  return { layer: last.layer, mark: last.mark, keys };
}
