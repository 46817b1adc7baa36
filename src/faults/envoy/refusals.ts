/** Why no fault is made at an Envoy that has all that is needed for it. */

import { FaultlineError } from "../../support/errors.js";
import { countersLacking, type ListedCounters, prefixOfCounters } from "./admin/counters.js";
import type { EnvoyAdmin } from "./admin/envoy-admin.js";
import type { FoundFilters } from "./admin/fault-filter.js";
import type { RuntimeListing } from "./admin/runtime-listing.js";
import type { EnvoyPart } from "./envoy-part.js";
import { MARK_KEY } from "./undo/deed.js";

interface RuntimeOfFilters {
  readonly listing: RuntimeListing;
  readonly layer: string;
  readonly found: FoundFilters;
}

/** Two runs at one Envoy would undo each other's faults. @param own the run's own mark. @throws FaultlineError RUN_CONFLICT. */
export function refuseOtherRun(
  { words, url }: EnvoyAdmin,
  own: string,
  { listing, layer, found }: RuntimeOfFilters,
): void {
  const mark = listing.valueIn(layer, MARK_KEY);
  if (mark === "" || mark === own) return;
  // Without the mark alone the dead run's faults would stay, and the next run would put them back as what it found.
  const keys = new Set(found.filters.flatMap((filter) => Object.values(filter.keys)));
  const left = [...keys].filter((key) => listing.valueIn(layer, key) !== "");
  const query = [MARK_KEY, ...left].map((key) => `${encodeURIComponent(key)}=`).join("&");
  const also = left.length === 0 ? "" : ", which also takes out all that the fault filters are told there";
  const message = `another run of faultline has a fault in ${words} (runtime key ${MARK_KEY}: ${mark}). If that run is dead and nothing can heal it: curl -X POST '${url}/runtime_modify?${query}'${also}`;
  throw new FaultlineError("RUN_CONFLICT", message);
}

/**
 * An Envoy whose `stats_matcher` leaves its counters out would read as one that no request came to.
 * @throws FaultlineError ENVOY_UNPREPARED.
 */
export function refuseUncounted(
  { words }: EnvoyAdmin,
  parts: readonly EnvoyPart[],
  listed: ReadonlyMap<string, ListedCounters>,
): void {
  for (const { does, filters } of parts) {
    const wanted = ["requests", does === "abort" ? "aborts" : "delays"] as const;
    for (const { statPrefix } of filters) {
      const [lacking] = countersLacking(statPrefix, wanted, listed.get(prefixOfCounters(statPrefix)));
      if (lacking === undefined) continue;
      const message = `${words} does not list ${lacking} in /stats, and without it nothing shows what a fault did. Does \`stats_matcher\` (\`stats_config\` in envoy.yaml) leave it out?`;
      throw new FaultlineError("ENVOY_UNPREPARED", message);
    }
  }
}
