import type { LoadMix } from "./load-plan.js";

/** Names in the order of the mix, each once, also when several requests share it. */
export function requestNames(mix: LoadMix): string[] {
  const requests = mix.kind === "requests" ? mix.requests : mix.journeys.flatMap(({ steps }) => steps);
  return [...new Set(requests.map(({ name }) => name))];
}
