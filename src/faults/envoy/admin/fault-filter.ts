/** Where an Envoy has the fault filter, by its own dump of its configuration. */

import { isRecord } from "../../../support/processes/read-back.js";

/** The runtime keys that a filter asks. */
export interface FilterKeys {
  readonly abortPercent: string;
  readonly abortStatus: string;
  readonly abortGrpcStatus: string;
  readonly delayPercent: string;
  readonly delayMs: string;
}

/** The fault filter of one connection manager. */
export interface FaultFilter {
  /** Of the connection manager. Its counters begin with it. */
  readonly statPrefix: string;
  readonly keys: FilterKeys;
  /** What its configuration says that it answers: a status of HTTP or of gRPC. null: it aborts nothing, whatever the runtime says. */
  readonly aborts: "http" | "grpc" | null;
  /** Whether it can delay: else the runtime has nothing to change. */
  readonly delays: boolean;
}

/** docs: "Runtime" of the fault filter. */
const USUAL_KEYS: FilterKeys = {
  abortPercent: "fault.http.abort.abort_percent",
  abortStatus: "fault.http.abort.http_status",
  abortGrpcStatus: "fault.http.abort.grpc_status",
  delayPercent: "fault.http.delay.fixed_delay_percent",
  delayMs: "fault.http.delay.fixed_duration_ms",
};

const KEYS_IN_CONFIGURATION: Readonly<Record<keyof FilterKeys, string>> = {
  abortPercent: "abort_percent_runtime",
  abortStatus: "abort_http_status_runtime",
  abortGrpcStatus: "abort_grpc_status_runtime",
  delayPercent: "delay_percent_runtime",
  delayMs: "delay_duration_runtime",
};

/** Listeners that no new connection gets to. */
const NOT_IN_USE = new Set(["warming_state", "draining_state", "error_state"]);

/** @param dump the answer to /config_dump. */
export function faultFiltersIn(dump: unknown): readonly FaultFilter[] {
  const found = new Map<string, FaultFilter>();
  for (const manager of connectionManagersIn(dump)) {
    const statPrefix = textAt(manager, "stat_prefix") ?? "";
    for (const filter of listAt(manager, "http_filters")) {
      const configuration = mapAt(filter, "typed_config");
      if (!isOfType(configuration, "HTTPFault") || mapOf(filter)?.disabled === true) continue;
      found.set(statPrefix, filterOf(statPrefix, configuration));
    }
  }
  return [...found.values()];
}

/**
 * The name of the layer that /runtime_modify writes to.
 * @param dump the answer to /config_dump.
 * @returns null when there is none, as in an Envoy whose configuration says nothing of layers.
 */
export function adminLayerIn(dump: unknown): string | null {
  const layers = listAt(dump, "configs")
    .map((part) => mapAt(part, "bootstrap"))
    .flatMap((bootstrap) => listAt(mapAt(bootstrap, "layered_runtime"), "layers"));
  const admin = layers.find((layer) => mapAt(layer, "admin_layer") !== null);
  return admin === undefined ? null : (textAt(admin, "name") ?? null);
}

function filterOf(statPrefix: string, configuration: PlainMap): FaultFilter {
  const own = Object.entries(KEYS_IN_CONFIGURATION).map(([key, name]) => [key, textAt(configuration, name)]);
  const given = Object.fromEntries(own.filter(([, value]) => value !== undefined && value !== ""));
  const abort = mapAt(configuration, "abort");
  const delay = mapAt(configuration, "delay");
  return {
    statPrefix,
    keys: { ...USUAL_KEYS, ...given },
    aborts: abort === null ? null : "grpc_status" in abort ? "grpc" : "http_status" in abort ? "http" : null,
    delays: delay !== null && "fixed_delay" in delay,
  };
}

function* connectionManagersIn(value: unknown): Generator<PlainMap> {
  if (Array.isArray(value)) {
    for (const each of value) yield* connectionManagersIn(each);
    return;
  }
  const map = mapOf(value);
  if (map === null) return;
  if (isOfType(map, "HttpConnectionManager")) yield map;
  for (const [key, inner] of Object.entries(map)) {
    if (!NOT_IN_USE.has(key)) yield* connectionManagersIn(inner);
  }
}

type PlainMap = Readonly<Record<string, unknown>>;

function mapOf(value: unknown): PlainMap | null {
  return isRecord(value) ? value : null;
}

function mapAt(value: unknown, key: string): PlainMap | null {
  return mapOf(mapOf(value)?.[key]);
}

function listAt(value: unknown, key: string): readonly unknown[] {
  const list = mapOf(value)?.[key];
  return Array.isArray(list) ? list : [];
}

function textAt(value: unknown, key: string): string | undefined {
  const text = mapOf(value)?.[key];
  return typeof text === "string" ? text : undefined;
}

/** "type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault" is an HTTPFault. */
function isOfType(map: PlainMap | null, name: string): map is PlainMap {
  const type = map?.["@type"];
  return typeof type === "string" && type.endsWith(`.${name}`);
}
