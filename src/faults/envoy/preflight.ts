/** What an Envoy lacks for a fault, and what to write into its envoy.yaml. */

import type { EnvoySpec } from "../kinds/envoy/envoy-action.js";
import type { FoundFilters } from "./admin/fault-filter.js";
import type { FilterSettings } from "./admin/filter-settings.js";
import type { RuntimeListing } from "./admin/runtime-listing.js";
import type { EnvoyPart } from "./envoy-part.js";
import { partsOf, runtimeValues } from "./runtime-values.js";

const LAYER = `layered_runtime:
  layers:
    # others that are there, then, as the last:
    - { name: admin, admin_layer: {} }`;

const TYPE = "type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault";

/** @returns null when nothing is missing. Else a message of several lines. */
export function whatLacks(
  words: string,
  spec: EnvoySpec,
  found: FoundFilters,
  { listing, layer }: { readonly listing: RuntimeListing; readonly layer: string | null },
): string | null {
  const { filters } = found;
  if (filters.length === 0) {
    const where = "before envoy.filters.http.router";
    return `${words} has no fault filter. Write it into \`http_filters\` of envoy.yaml, ${where}:\n${filterText(spec)}`;
  }
  const { statPrefix } = spec;
  const known = [...new Set(filters.map((filter) => filter.statPrefix))];
  if (statPrefix !== null && !known.includes(statPrefix)) {
    return `${words} has its fault filter at ${known.join(", ")}, and none at a connection manager with \`stat_prefix: ${statPrefix}\``;
  }
  if (layer === null) {
    return `${words} takes nothing at /runtime_modify, as its runtime has no admin layer. Write into envoy.yaml:\n${LAYER}`;
  }
  for (const part of partsOf(spec, found)) {
    const lack = lackOf(words, part, found, { listing, layer });
    if (lack !== null) return lack;
  }
  return null;
}

function lackOf(
  words: string,
  part: EnvoyPart,
  found: FoundFilters,
  { listing, layer }: { readonly listing: RuntimeListing; readonly layer: string },
): string | null {
  const { spec, does } = part;
  if (part.filters.length === 0) {
    const block =
      does === "delay" ? "`delay`" : `\`abort\` with ${spec.abort?.grpc ? "grpc" : "http"}_status`;
    return `The fault filter of ${words} has no ${block}, so the runtime has nothing to change. Write it as here; nothing happens at a share of 0:\n${filterText(spec)}`;
  }
  const keys = [...runtimeValues(part).keys()];
  const shared = spec.statPrefix === null ? null : whoShares(spec.statPrefix, keys, found);
  if (shared !== null) {
    const own = `${does === "abort" ? "abort_percent_runtime" : "delay_percent_runtime"}: fault.${spec.statPrefix}.percent`;
    return `In ${words}, the fault filter at ${spec.statPrefix} asks the same runtime keys as ${shared}. Leave \`statPrefix\` out, or give it keys of its own, such as ${own}`;
  }
  for (const key of keys) {
    const above = listing.overruledBy(layer, key);
    if (above !== null)
      return `In the runtime of ${words}, layer "${above}" says what ${key} is, and stands above the admin layer`;
  }
  return null;
}

/** Who else would act by these keys. The filter of a route asks the runtime, too. null: nobody. */
function whoShares(
  statPrefix: string,
  keys: readonly string[],
  { filters, ofRoutes }: FoundFilters,
): string | null {
  const asks = (settings: FilterSettings | null) =>
    settings !== null && Object.values(settings.keys).some((key) => keys.includes(key));
  const other = filters.find((filter) => filter.statPrefix !== statPrefix && asks(filter));
  if (other !== undefined) return `the one at ${other.statPrefix}`;
  const route = ofRoutes.find((each) => each.statPrefix !== statPrefix && asks(each.settings));
  return route === undefined ? null : `the one of a route at ${route.statPrefix}`;
}

function filterText({ abort, delay }: EnvoySpec): string {
  const status = abort?.grpc ? `grpc_status: ${abort.status}` : `http_status: ${abort?.status ?? 503}`;
  return [
    "- name: envoy.filters.http.fault",
    "  typed_config:",
    `    "@type": ${TYPE}`,
    ...(abort ? [`    abort: { ${status}, percentage: { numerator: 0 } }`] : []),
    ...(delay ? ["    delay: { fixed_delay: 1s, percentage: { numerator: 0 } }"] : []),
  ].join("\n");
}
