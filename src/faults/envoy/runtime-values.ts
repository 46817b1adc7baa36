import type { EnvoySpec } from "../kinds/envoy/envoy-action.js";
import type { FoundFilters } from "./admin/fault-filter.js";
import type { EnvoyPart } from "./envoy-part.js";
import { restrictionsOf } from "./restrictions.js";

/** The parts of an action at an Envoy with these filters. */
export function partsOf(spec: EnvoySpec, found: FoundFilters): readonly EnvoyPart[] {
  const chosen = found.filters.filter(({ statPrefix }) => (spec.statPrefix ?? statPrefix) === statPrefix);
  const { abort, delay } = spec;
  const aborting = chosen.filter(({ aborts }) => aborts === (abort?.grpc ? "grpc" : "http"));
  const delaying = chosen.filter(({ delays }) => delays);
  const parts = [
    ...(abort ? [{ does: "abort", spec, share: abort.share, filters: aborting } as const] : []),
    ...(delay ? [{ does: "delay", spec, share: delay.share, filters: delaying } as const] : []),
  ];
  return parts.map((part) => ({ ...part, restrictions: restrictionsOf(part, found) }));
}

/** What the runtime has to say for it, by key. */
export function runtimeValues({
  does,
  spec,
  share,
  filters,
}: Omit<EnvoyPart, "restrictions">): ReadonlyMap<string, string> {
  const percent = percentText(share);
  return new Map(
    filters.flatMap(({ keys }): readonly (readonly [string, string])[] => {
      if (does === "delay") {
        return [
          [keys.delayPercent, percent],
          [keys.delayMs, String(Math.max(1, Math.round(spec.delay?.ms ?? 0)))],
        ];
      }
      const status = spec.abort?.grpc ? keys.abortGrpcStatus : keys.abortStatus;
      return [
        [keys.abortPercent, percent],
        [status, String(spec.abort?.status ?? 0)],
      ];
    }),
  );
}

const MILLION = 1_000_000;

/** A whole number is one of percent. Anything finer is written as Envoy's FractionalPercent. */
function percentText(share: number): string {
  const numerator = Math.round(share * MILLION);
  const percent = numerator / (MILLION / 100);
  return Number.isInteger(percent) ? String(percent) : `{"numerator":${numerator},"denominator":"MILLION"}`;
}
