/** What a fault filter asks and can do, by its configuration. */

import { listUnder, mapUnder, type PlainMap, textUnder } from "./plain-map.js";

/** The runtime keys that a filter asks. */
export interface FilterKeys {
  readonly abortPercent: string;
  readonly abortStatus: string;
  readonly abortGrpcStatus: string;
  readonly delayPercent: string;
  readonly delayMs: string;
}

export interface FilterSettings {
  readonly keys: FilterKeys;
  /** What its configuration says that it answers: a status of HTTP or of gRPC. null: it aborts nothing, whatever the runtime says. */
  readonly aborts: "http" | "grpc" | null;
  /** Whether it can delay: else the runtime has nothing to change. */
  readonly delays: boolean;
  /** By which it acts on some requests only. */
  readonly conditions: readonly FilterCondition[];
}

/** Fields of HTTPFault. */
export type FilterCondition = "headers" | "upstream_cluster" | "downstream_nodes";

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

/** @param configuration an HTTPFault. */
export function filterSettings(configuration: PlainMap): FilterSettings {
  const own = Object.entries(KEYS_IN_CONFIGURATION).map(([key, name]) => [
    key,
    textUnder(configuration, name),
  ]);
  const given = Object.fromEntries(own.filter(([, value]) => value !== undefined && value !== ""));
  const abort = mapUnder(configuration, "abort");
  const delay = mapUnder(configuration, "delay");
  return {
    keys: { ...USUAL_KEYS, ...given },
    aborts: abort === null ? null : "grpc_status" in abort ? "grpc" : "http_status" in abort ? "http" : null,
    delays: delay !== null && "fixed_delay" in delay,
    conditions: conditionsIn(configuration),
  };
}

function conditionsIn(configuration: PlainMap): readonly FilterCondition[] {
  const lists = (["headers", "downstream_nodes"] as const).filter(
    (name) => listUnder(configuration, name).length > 0,
  );
  const cluster = textUnder(configuration, "upstream_cluster") ?? "";
  return [...lists, ...(cluster === "" ? [] : (["upstream_cluster"] as const))];
}
