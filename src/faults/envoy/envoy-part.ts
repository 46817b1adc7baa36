import type { EnvoySpec } from "../kinds/envoy/envoy-action.js";
import type { FaultFilter } from "./admin/fault-filter.js";
import type { FilterCondition } from "./admin/filter-settings.js";

/** A part of an action: what is done to requests, and by which filters. */
export interface EnvoyPart {
  readonly does: "abort" | "delay";
  readonly spec: EnvoySpec;
  /** 0..1. */
  readonly share: number;
  /** Those that can do it. */
  readonly filters: readonly FaultFilter[];
  /** Why not all requests that are counted at their connection managers meet them. */
  readonly restrictions: readonly Restriction[];
}

/** Why a filter does not meet all requests that its connection manager counts, by Envoy's configuration. */
export type Restriction =
  | FilterCondition
  /** A route has a filter of its own that differs, or none. */
  | "route"
  /** Another connection manager counts with it, and does not do this. */
  | "same_stat_prefix";
