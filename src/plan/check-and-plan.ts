import { availableParallelism } from "node:os";
import type { Diagnostic } from "../scenario/diagnostics/diagnostic.js";
import type { SourceFile } from "../scenario/read/compose-scenario.js";
import {
  type PlaceInScenario,
  type ReadOptions,
  readScenario,
  type Scenario,
} from "../scenario/read-scenario.js";
import type { Span } from "../scenario/text/source.js";
import type { Slo } from "../slo/slo.js";
import { FaultlineError } from "../support/errors.js";
import { hostOf, isAllowedHost } from "../support/hosts.js";
import { buildPlan, type PlanOptions } from "./build-plan.js";
import type { Endpoint, RunPlan } from "./run-plan.js";

export interface CheckScenarioOptions extends ReadOptions, Partial<PlanOptions> {}

export interface CheckedScenario {
  readonly plan: RunPlan | null;
  /** The files that the plan was made from. Empty without a plan. */
  readonly sources: readonly SourceFile[];
  /** Where an SLO of the plan is written. Empty without a plan. */
  readonly placeOf: PlaceOfSlo;
  readonly placeOfEndpoint: PlaceOfEndpoint;
  /** Where anything is written. null without a plan. */
  readonly placeInScenario: PlaceInScenario | null;
  readonly diagnostics: readonly Diagnostic[];
  readonly dropped: number;
}

export type PlaceOfSlo = (slo: Pick<Slo, "text" | "fault">) => Span | undefined;
export type PlaceOfEndpoint = (endpoint: Endpoint) => Span | undefined;

/**
 * Reads, checks and plans a scenario. `plan` is null when there are errors among the diagnostics.
 * @throws FILE_NOT_FOUND, FILE_UNREADABLE, USAGE, HOST_NOT_ALLOWED (for --toxiproxy).
 */
export async function checkAndPlan(file: string, options: CheckScenarioOptions): Promise<CheckedScenario> {
  checkToxiproxyOption(options.toxiproxyUrl, options.allowHosts ?? []);
  const { scenario, diagnostics, dropped } = await readScenario(file, options);
  const plan = scenario && buildPlan(scenario, { cpus: availableParallelism(), ...options });
  return {
    plan,
    sources: scenario?.sources ?? [],
    placeOf: scenario ? placesIn(scenario) : () => undefined,
    placeOfEndpoint: scenario ? endpointsIn(scenario) : () => undefined,
    placeInScenario: scenario?.placeOf ?? null,
    diagnostics,
    dropped,
  };
}

function placesIn({ sloPlaces }: Scenario): PlaceOfSlo {
  return (slo) => sloPlaces.find(({ text, fault }) => text === slo.text && fault === slo.fault)?.span;
}

function endpointsIn({ addressPlaces, placeOf }: Scenario): PlaceOfEndpoint {
  return (endpoint) => {
    switch (endpoint.kind) {
      case "upstream":
        return addressPlaces.upstreams[endpoint.proxy];
      case "inCluster":
        return placeOf(["kubernetes", endpoint.list, endpoint.index], "value");
      case "target":
      case "socket":
        return addressPlaces[endpoint.kind] ?? undefined;
    }
  };
}

function checkToxiproxyOption(option: string | undefined, allowed: readonly string[]): void {
  if (option === undefined) return;
  const url = URL.canParse(option) ? new URL(option) : null;
  if (!url || !["http:", "https:"].includes(url.protocol)) {
    throw new FaultlineError(
      "USAGE",
      `--toxiproxy: expected a URL such as http://127.0.0.1:8474, not ${option}`,
    );
  }
  if (!isAllowedHost(hostOf(url), allowed)) {
    throw new FaultlineError("HOST_NOT_ALLOWED", `--toxiproxy: ${hostOf(url)} is not this machine`);
  }
}
