/** What a mix of requests asks for. */

import type { LoadMix } from "./load-plan.js";

/** Names in the order of the mix, each once, even when several requests share it. */
export function requestNames(mix: LoadMix): string[] {
  const requests = mix.kind === "requests" ? mix.requests : mix.journeys.flatMap(({ steps }) => steps);
  return [...new Set(requests.map(({ name }) => name))];
}

/** How many requests one arrival of the load's rate makes. A journey makes one for each step. */
export function requestsPerArrival(mix: LoadMix): number {
  if (mix.kind === "requests") return 1;
  const weights = mix.journeys.reduce((sum, { weight }) => sum + weight, 0);
  return mix.journeys.reduce((sum, { weight, steps }) => sum + (weight / weights) * steps.length, 0);
}
