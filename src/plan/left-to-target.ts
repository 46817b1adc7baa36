import { requestKindNamed } from "../requests/kinds.js";
import { requestsOf } from "./load-mix.js";
import type { LoadPlan } from "./load-plan.js";

/** What of a request nobody can check before the target has been asked, right before the run. */
export interface LeftToTarget {
  readonly request: string;
  readonly what: string;
}

export function leftToTarget({ mix }: Pick<LoadPlan, "mix">): readonly LeftToTarget[] {
  return requestsOf(mix).flatMap((request) => {
    const what = requestKindNamed(request.kind).leftToTarget?.(request) ?? null;
    return what === null ? [] : [{ request: request.name, what }];
  });
}

export function leftToTargetText({ request, what }: LeftToTarget): string {
  return `not checked for ${request}: ${what}, which the target is asked for before the load begins`;
}
