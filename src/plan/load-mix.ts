/** What a mix of requests asks for. */

import type { PlannedRequest } from "../requests/planned-request.js";
import type { LoadMix } from "./load-plan.js";

/** Names in the order of the mix, each once, even when several requests share it. */
export function requestNames(mix: LoadMix): string[] {
  return [...new Set(requestsOf(mix).map(({ name }) => name))];
}

/** Names of the kinds of requests in it. */
export function requestKinds(mix: LoadMix): string[] {
  return [...new Set(requestsOf(mix).map(({ kind }) => kind))];
}

/** Names of the requests that say which answers are a fallback. */
export function namesThatTellDegraded(mix: LoadMix): ReadonlySet<string> {
  return new Set(requestsOf(mix).flatMap(({ name, tellsDegraded }) => (tellsDegraded ? name : [])));
}

function requestsOf(mix: LoadMix): readonly PlannedRequest[] {
  return mix.kind === "requests" ? mix.requests : mix.journeys.flatMap(({ steps }) => steps);
}

/** How many requests one arrival of the load's rate makes. A journey makes one for each step. */
export function requestsPerArrival(mix: LoadMix): number {
  if (mix.kind === "requests") return 1;
  const weights = mix.journeys.reduce((sum, { weight }) => sum + weight, 0);
  return mix.journeys.reduce((sum, { weight, steps }) => sum + (weight / weights) * steps.length, 0);
}
