import { requestKindNamed } from "../requests/kinds.js";
import { requestsOf } from "./load-mix.js";
import type { LoadPlan } from "./load-plan.js";

/** What of a request nobody can check before the target has been asked, right before the run. */
export interface LeftToTarget {
  /** The file of the scenario, where another file names that. */
  readonly scenario?: string;
  readonly request: string;
  readonly what: string;
}

export function leftToTarget({ mix }: Pick<LoadPlan, "mix">): readonly LeftToTarget[] {
  return requestsOf(mix).flatMap((request) => {
    const what = requestKindNamed(request.kind).leftToTarget?.(request) ?? null;
    return what === null ? [] : [{ request: request.name, what }];
  });
}

export function leftToTargetText({ scenario, request, what }: LeftToTarget): string {
  const where = scenario === undefined ? "" : ` of ${scenario}`;
  return `not checked for ${request}${where}: ${what}, which the target is asked for before the load begins`;
}
