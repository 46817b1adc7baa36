/** How many of a plan's requests an SLO is about. */

import { requestsPerArrival, timedIn } from "../../plan/load-mix.js";
import type { LoadPlan } from "../../plan/load-plan.js";
import type { RunPlan } from "../../plan/run-plan.js";
import { metricOf } from "../../slo/metrics/index.js";
import type { Slo } from "../../slo/slo.js";
import { isJourney } from "../../slo/timed-name.js";

/** The requests that the SLO is about. null: all. */
export function requestOf({ metric, request }: Slo, { checks }: RunPlan): string | null {
  const about = metricOf(metric).completion;
  if (about === null) return request;
  const check =
    checks.find(({ name }) => name === about.of) ?? checks.find(({ ids }) => ids?.request === about.of);
  return check?.ids?.request ?? null;
}

/** Share of all requests that have this name. null stands for all names. What is timed beside them counts as one. */
export function requestShare({ mix }: LoadPlan, request: string | null): number {
  if (request === null) return 1;
  const timed = timedIn(mix).find(({ name }) => name === request);
  // Each begins with a request. How many events follow the first is the system's doing.
  const name = timed && isJourney(timed) ? null : (timed?.of ?? request);
  let total = 0;
  let named = 0;
  if (mix.kind === "requests") {
    for (const each of mix.requests) {
      total += each.weight;
      if (each.name === name) named += each.weight;
    }
  } else {
    for (const { weight, steps, ...journey } of mix.journeys) {
      total += weight * steps.length;
      const isMeant = timed && isJourney(timed) && journey.name === timed.of;
      named += isMeant ? weight : weight * steps.filter((step) => step.name === name).length;
    }
  }
  return total > 0 ? named / total : 0;
}

/** Requests of this name per arrival of `load.rate`. An arrival is a journey in a load of journeys. */
export function perArrival(load: LoadPlan, request: string | null): number {
  return requestShare(load, request) * requestsPerArrival(load.mix);
}

/** Requests a second in the baseline. @returns null when that is not known before the run. */
export function plannedBaselineRate({ steps }: RunPlan): number | null {
  const baseline = steps.find(({ kind }) => kind === "baseline")?.during;
  if (!baseline || baseline.expectedRequests === null || baseline.durationMs <= 0) return null;
  return baseline.expectedRequests / (baseline.durationMs / 1000);
}
