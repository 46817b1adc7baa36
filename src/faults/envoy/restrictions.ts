import type { FoundFilters } from "./admin/fault-filter.js";
import type { FilterSettings } from "./admin/filter-settings.js";
import type { EnvoyPart, Restriction } from "./envoy-part.js";

export function restrictionsOf(
  { does, spec, filters }: Omit<EnvoyPart, "restrictions">,
  { filters: all, ofRoutes, without }: FoundFilters,
): readonly Restriction[] {
  const percents = filters.map(({ keys }) => (does === "abort" ? keys.abortPercent : keys.delayPercent));
  const isAt = (statPrefix: string) => filters.some((filter) => filter.statPrefix === statPrefix);
  const doesTheSame = (settings: FilterSettings | null) => {
    if (settings === null || settings.conditions.length > 0) return false;
    const { aborts, delays, keys } = settings;
    return does === "abort"
      ? aborts === (spec.abort?.grpc ? "grpc" : "http") && percents.includes(keys.abortPercent)
      : delays && percents.includes(keys.delayPercent);
  };
  const found = new Set<Restriction>(filters.flatMap(({ conditions }) => conditions));
  if (ofRoutes.some(({ statPrefix, settings }) => isAt(statPrefix) && !doesTheSame(settings)))
    found.add("route");
  const others = [
    ...all.filter((filter) => !filters.includes(filter)).map(({ statPrefix }) => statPrefix),
    ...without,
  ];
  if (others.some(isAt)) found.add("same_stat_prefix");
  return [...found];
}
