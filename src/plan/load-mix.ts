/** What a mix of requests asks for. */

import type { PlannedRequest } from "../requests/planned-request.js";
import { type TimedName, timedNames } from "../slo/timed-name.js";
import type { LoadMix, LoadPlan } from "./load-plan.js";

/** The longest time that any request has. */
export function longestTimeoutMs({ mix, timeoutMs }: Pick<LoadPlan, "mix" | "timeoutMs">): number {
  return Math.max(timeoutMs, ...requestsOf(mix).map((request) => request.timeoutMs ?? 0));
}

/** The shortest time that any request has. */
export function shortestTimeoutMs({ mix, timeoutMs }: Pick<LoadPlan, "mix" | "timeoutMs">): number {
  return Math.min(...requestsOf(mix).map((request) => request.timeoutMs ?? timeoutMs));
}

/** Names in the order of the mix, each once, even when several requests share it. */
export function requestNames(mix: LoadMix): string[] {
  return [...new Set(requestsOf(mix).map(({ name }) => name))];
}

/** What is timed beside single requests. */
export function timedIn(mix: LoadMix): readonly TimedName[] {
  const named = ({ name, asksAgain, streams }: PlannedRequest) => ({
    name,
    asksAgain: asksAgain !== undefined,
    streams: streams ?? false,
  });
  return mix.kind === "requests"
    ? timedNames(mix.requests.map(named), [])
    : timedNames(
        [],
        mix.journeys.map(({ name, steps }) => ({ name, steps: steps.map(named) })),
      );
}

/** Names of the kinds of requests in it. */
export function requestKinds(mix: LoadMix): string[] {
  return [...new Set(requestsOf(mix).map(({ kind }) => kind))];
}

/** Names of the requests that say which answers are a fallback. */
export function namesThatTellDegraded(mix: LoadMix): ReadonlySet<string> {
  return new Set(requestsOf(mix).flatMap(({ name, tellsDegraded }) => (tellsDegraded ? name : [])));
}

/** Those of the mix, and the login. */
export function requestsOf(mix: LoadMix): readonly PlannedRequest[] {
  const own = mix.kind === "requests" ? mix.requests : mix.journeys.flatMap(({ steps }) => steps);
  return mix.login === undefined ? own : [mix.login, ...own];
}

/** How many requests one arrival of the load's rate makes. A journey makes one for each step. */
export function requestsPerArrival(mix: LoadMix): number {
  if (mix.kind === "requests") return 1;
  const weights = mix.journeys.reduce((sum, { weight }) => sum + weight, 0);
  return mix.journeys.reduce((sum, { weight, steps }) => sum + (weight / weights) * steps.length, 0);
}
