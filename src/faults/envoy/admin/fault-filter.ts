/** Where an Envoy has the fault filter, by its own dump of its configuration. */

import { type FilterSettings, filterSettings } from "./filter-settings.js";
import { isOfType, listUnder, mapOf, mapsIn, mapUnder, type PlainMap, textUnder } from "./plain-map.js";

/** The fault filter of one connection manager. */
export interface FaultFilter extends FilterSettings {
  /** Of the connection manager. Its counters begin with it. Several managers may have the same, and count together. */
  readonly statPrefix: string;
}

/** What a route, or what holds it, has in place of the filter of its connection manager. */
export interface FilterOfRoute {
  readonly statPrefix: string;
  /** null: it switches the filter off. */
  readonly settings: FilterSettings | null;
}

export interface FoundFilters {
  readonly filters: readonly FaultFilter[];
  readonly ofRoutes: readonly FilterOfRoute[];
  /** The `stat_prefix` of each connection manager that has none. */
  readonly without: readonly string[];
}

/** Listeners that no new connection gets to. */
const NOT_IN_USE = new Set(["warming_state", "draining_state", "error_state"]);

/** @param dump the answer to /config_dump. A listener may stand in it more than once. */
export function faultFiltersIn(dump: unknown): FoundFilters {
  const filters: FaultFilter[] = [];
  const ofRoutes: FilterOfRoute[] = [];
  const without: string[] = [];
  const routes = routesIn(dump);
  for (const manager of mapsIn(dump, NOT_IN_USE)) {
    if (!isOfType(manager, "HttpConnectionManager")) continue;
    const statPrefix = textUnder(manager, "stat_prefix") ?? "";
    const faults = listUnder(manager, "http_filters").filter((filter) =>
      isOfType(mapUnder(filter, "typed_config"), "HTTPFault"),
    );
    const inUse = faults.filter((filter) => mapOf(filter)?.disabled !== true);
    if (inUse.length === 0) without.push(statPrefix);
    for (const filter of inUse)
      filters.push({ statPrefix, ...filterSettings(mapUnder(filter, "typed_config") ?? {}) });
    const names = new Set(faults.map((filter) => textUnder(filter, "name")));
    for (const of of [manager, ...routeNamesIn(manager).flatMap((name) => routes.get(name) ?? [])]) {
      for (const settings of settingsOfRoutes(of, names)) ofRoutes.push({ statPrefix, settings });
    }
  }
  return { filters: distinct(filters), ofRoutes: distinct(ofRoutes), without: distinct(without) };
}

/**
 * The name of the layer that /runtime_modify writes to.
 * @param dump the answer to /config_dump.
 * @returns null when there is none, as in an Envoy whose configuration says nothing of layers.
 */
export function adminLayerIn(dump: unknown): string | null {
  const layers = listUnder(dump, "configs")
    .map((part) => mapUnder(part, "bootstrap"))
    .flatMap((bootstrap) => listUnder(mapUnder(bootstrap, "layered_runtime"), "layers"));
  const admin = layers.find((layer) => mapUnder(layer, "admin_layer") !== null);
  return admin === undefined ? null : (textUnder(admin, "name") ?? null);
}

/** Tables of routes that stand outside of connection managers, by name. */
function routesIn(dump: unknown): ReadonlyMap<string, readonly PlainMap[]> {
  const found = new Map<string, readonly PlainMap[]>();
  for (const map of mapsIn(dump, NOT_IN_USE)) {
    if (!isOfType(map, "RouteConfiguration")) continue;
    const name = textUnder(map, "name") ?? "";
    found.set(name, [...(found.get(name) ?? []), map]);
  }
  return found;
}

/** Names of the tables that a connection manager uses: of RDS, and of scopes. */
function routeNamesIn(manager: PlainMap): readonly string[] {
  const names = [...mapsIn(manager)].flatMap((map) => [
    textUnder(map, "route_config_name"),
    textUnder(map, "route_configuration_name"),
  ]);
  return [...new Set(names.filter((name) => name !== undefined))];
}

/** @param names of the fault filters in the connection manager. */
function* settingsOfRoutes(
  table: PlainMap,
  names: ReadonlySet<string | undefined>,
): Generator<FilterSettings | null> {
  for (const map of mapsIn(table)) {
    for (const [name, given] of Object.entries(mapUnder(map, "typed_per_filter_config") ?? {})) {
      const own = mapOf(given);
      const inner = isOfType(own, "FilterConfig") ? mapUnder(own, "config") : own;
      if (isOfType(inner, "HTTPFault")) yield filterSettings(inner);
      if (own?.disabled === true && names.has(name)) yield null;
    }
  }
}

function distinct<T>(all: readonly T[]): readonly T[] {
  return [...new Map(all.map((each) => [JSON.stringify(each), each])).values()];
}
