import { kindsFor, requestKindWith } from "../../../requests/kinds.js";
import type { RequestKind } from "../../../requests/request-kind.js";
import type { CheckContext, LoadParts } from "../context.js";

/** Kinds that the load's requests are of. Without any that can be sent: the one of the target itself, or all that it can have. */
export function kindsSent(
  context: CheckContext,
  { target = "", requests = [], journeys = [] }: LoadParts,
): readonly RequestKind[] {
  const places = [
    ...requests.map((_, index) => ["load", "requests", index]),
    ...journeys.flatMap((journey, index) =>
      (journey?.steps ?? []).map((_, step) => ["load", "journeys", index, "steps", step]),
    ),
  ];
  const kinds = new Set(places.map((place) => requestKindWith(context.names(...place))));
  const possible = kindsFor(target);
  const sent = possible.filter((kind) => kinds.has(kind));
  if (sent.length > 0) return sent;
  const usual = possible.find(({ ofTarget }) => ofTarget);
  return usual === undefined ? possible : [usual];
}
