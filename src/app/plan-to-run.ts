import {
  type CheckedScenario,
  type CheckScenarioOptions,
  checkAndPlan,
  type PlaceOfEndpoint,
  type PlaceOfSlo,
} from "../plan/check-and-plan.js";
import type { RunPlan } from "../plan/run-plan.js";
import { type Diagnostic, ScenarioError } from "../scenario/diagnostics/diagnostic.js";
import type { SourceFile } from "../scenario/read/compose-scenario.js";
import { sloDiagnostics } from "./decidable-slos.js";

/** What the caller of a run sets in place of the scenario's own values. */
export interface PlanScenarioOptions extends CheckScenarioOptions {
  readonly seed?: number | undefined;
  readonly evidence?: RunPlan["evidence"] | undefined;
}

/** A scenario that can be run. */
export interface PlannedScenario {
  readonly file: string;
  readonly plan: RunPlan;
  /** The scenario's file and those that it extends or includes. */
  readonly sources: readonly SourceFile[];
  /** All of its faults are planned. false: `only` chose some. */
  readonly isWhole: boolean;
  /** For what turns out only when it runs. */
  readonly placeOfEndpoint: PlaceOfEndpoint;
  readonly placeInScenario: CheckedScenario["placeInScenario"];
  readonly placeOfSlo: PlaceOfSlo;
  /** SLOs that the plan can never pass. They are told when it is run. */
  readonly sloWarnings: readonly Diagnostic[];
}

/** The result of planning a scenario. */
export interface Planning {
  /** About the scenario itself, whether it can be run or not. */
  readonly warnings: readonly Diagnostic[];
  /** Not to be shown. null when the scenario could not be read whole; its errors hold none of them. */
  readonly secrets: readonly string[] | null;
  readonly result: PlannedScenario | ScenarioError;
}

/**
 * Reads, checks and plans. What is wrong with the scenario is in `result`.
 * @throws FaultlineError FILE_NOT_FOUND, FILE_UNREADABLE, USAGE, HOST_NOT_ALLOWED.
 */
export async function planToRun(file: string, options: PlanScenarioOptions): Promise<Planning> {
  const checked = await checkAndPlan(file, options);
  const { plan: asWritten, diagnostics, dropped } = checked;
  if (!asWritten) {
    return { warnings: [], secrets: null, result: new ScenarioError(diagnostics.filter(isError), dropped) };
  }
  const plan = withChoices(asWritten, options);
  const isWhole = options.only === undefined;
  return { warnings: diagnostics, secrets: plan.secrets, result: decided(file, plan, isWhole, checked) };
}

/** Nothing may be started for something that cannot even be measured. */
function decided(
  file: string,
  plan: RunPlan,
  isWhole: boolean,
  { sources, placeOf, placeOfEndpoint, placeInScenario }: CheckedScenario,
): Planning["result"] {
  const aboutSlos = sloDiagnostics(plan, placeOf);
  const unmeasurable = aboutSlos.diagnostics.filter(isError);
  if (unmeasurable.length > 0) return new ScenarioError(unmeasurable, aboutSlos.dropped);
  const { diagnostics: sloWarnings } = aboutSlos;
  const places = { placeOfEndpoint, placeInScenario, placeOfSlo: placeOf };
  return { file, plan, sources, isWhole, ...places, sloWarnings };
}

const isError = ({ severity }: Diagnostic) => severity === "error";

function withChoices(plan: RunPlan, options: PlanScenarioOptions): RunPlan {
  const seed = options.seed ?? plan.seed;
  return { ...plan, seed, load: { ...plan.load, seed }, evidence: options.evidence ?? plan.evidence };
}
