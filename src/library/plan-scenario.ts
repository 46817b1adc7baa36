import { type Decidability, decidability } from "../analysis/decidability.js";
import { type PlannedScenario, planToRun as plan } from "../app/plan-to-run.js";
import { dryRunText } from "../plan/dry-run-text.js";
import { lengthMs, type PlannedPhase, timelineOf } from "../plan/timeline.js";
import { type Diagnostic, ScenarioError } from "../scenario/diagnostics/diagnostic.js";
import { redact } from "../support/redact.js";
import { planOptions, type ScenarioOptions } from "./scenario-options.js";

/** What a run of a scenario would do, and what it could tell. */
export interface ScenarioPlan {
  readonly name: string;
  readonly hypothesis: string | null;
  /** In order. Times count from when the load begins. */
  readonly phases: readonly Pick<PlannedPhase, "kind" | "fault" | "startMs" | "durationMs">[];
  readonly totalMs: number;
  readonly seed: number;
  readonly evidence: "interval" | "observed";
  /** For each SLO and kind of phase: whether the plan can decide it, and if not, what it would take. */
  readonly decisions: readonly Pick<
    Decidability,
    "slo" | "phase" | "faults" | "requests" | "answer" | "id" | "sentence"
  >[];
  readonly warnings: readonly Diagnostic[];
  /** Timeline and faults for people, as `faultline run --dry-run` prints them. */
  readonly text: string;
}

/**
 * Plans a run without starting anything.
 * @throws FaultlineError SCENARIO_INVALID, whose message has all complaints and their places; FILE_NOT_FOUND,
 *   FILE_UNREADABLE, USAGE, HOST_NOT_ALLOWED.
 */
export async function planScenario(file: string, options: ScenarioOptions = {}): Promise<ScenarioPlan> {
  const { warnings, result } = await plan(file, planOptions(options));
  if (result instanceof ScenarioError) throw result;
  return planFor(result, warnings);
}

function planFor({ plan, sloWarnings }: PlannedScenario, warnings: readonly Diagnostic[]): ScenarioPlan {
  const mask = (text: string) => redact(text, plan.secrets);
  const { seed, evidence } = plan;
  const timeline = timelineOf(plan.steps);
  return {
    name: mask(plan.name),
    hypothesis: plan.hypothesis === null ? null : mask(plan.hypothesis),
    phases: timeline.map(({ kind, fault, startMs, durationMs }) => ({
      kind,
      fault: fault === null ? null : mask(fault),
      startMs,
      durationMs,
    })),
    totalMs: lengthMs(timeline),
    seed,
    evidence,
    decisions: decidability(plan).map(({ slo, phase, faults, requests, answer, id, sentence }) => ({
      slo: mask(slo),
      phase,
      faults: faults.map(mask),
      requests,
      answer,
      id,
      sentence: mask(sentence),
    })),
    warnings: [...warnings, ...sloWarnings],
    text: mask(dryRunText(plan)),
  };
}
