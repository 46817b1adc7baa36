import { type CheckScenarioOptions, checkAndPlan } from "../plan/check-and-plan.js";
import { type LeftToTarget, leftToTarget } from "../plan/left-to-target.js";
import type { RunPlan } from "../plan/run-plan.js";
import { destinationOf } from "../plan/telemetry/telemetry-spec.js";
import { lengthMs, timelineOf } from "../plan/timeline.js";
import type { Diagnostic } from "../scenario/diagnostics/diagnostic.js";
import { countOf } from "../support/count-of.js";
import { FaultlineError } from "../support/errors.js";
import { redact } from "../support/redact.js";
import { sloDiagnostics } from "./decidable-slos.js";

/** What is to be said about one scenario's file. */
export interface FileCheck {
  readonly file: string;
  readonly valid: boolean;
  readonly diagnostics: readonly Diagnostic[];
  /** Complaints that were left out after the first hundred. */
  readonly dropped: number;
  /** "3 faults, 50 s". null when it is not valid. */
  readonly summary: string | null;
  /** What of its requests only the target can tell, when it runs. */
  readonly leftToTarget: readonly LeftToTarget[];
  /** Names of its faults; null when it is not valid, or no scenario. */
  readonly faults: readonly string[] | null;
}

/**
 * Checks a scenario as a run would, without starting anything. A file that cannot be read becomes a diagnostic, so that
 * the other files are still checked.
 */
export async function checkFile(file: string, options: CheckScenarioOptions): Promise<FileCheck> {
  try {
    const { plan, placeOf, diagnostics, dropped } = await checkAndPlan(file, options);
    if (!plan) return { ...NOT_VALID, file, diagnostics, dropped };
    const aboutSlos = sloDiagnostics(plan, placeOf);
    const all = [...diagnostics, ...aboutSlos.diagnostics];
    const valid = all.every(({ severity }) => severity !== "error");
    return {
      file,
      valid,
      diagnostics: all,
      dropped: dropped + aboutSlos.dropped,
      summary: valid ? summaryOf(plan) : null,
      leftToTarget: valid ? leftToTarget(plan.load) : [],
      faults: valid ? faultsOf(plan) : null,
    };
  } catch (error) {
    if (!(error instanceof FaultlineError)) throw error;
    return { ...NOT_VALID, file, diagnostics: [unreadable(file, error)], dropped: 0 };
  }
}

const NOT_VALID = { valid: false, summary: null, leftToTarget: [], faults: null } as const;

/** Each once: rounds of `repeat` are one fault of the scenario. */
function faultsOf({ steps }: RunPlan): readonly string[] {
  const names = steps.flatMap((step) =>
    step.kind === "fault" || step.kind === "search" ? [step.fault.name] : [],
  );
  return [...new Set(names)];
}

/** For editors and CI. */
export function checksJson(checks: readonly FileCheck[]) {
  const files = checks.map(({ file, valid, diagnostics, dropped, leftToTarget: left }) => ({
    file,
    valid,
    dropped,
    ...(left.length > 0 ? { notChecked: left } : {}),
    diagnostics: diagnostics.map(({ frame: _, isAboutFormat: __, ...rest }) => rest),
  }));
  return { formatVersion: 1, valid: checks.every(({ valid }) => valid), files };
}

function summaryOf({ steps, telemetry, secrets }: RunPlan): string {
  const faults = steps.filter(({ kind }) => kind === "fault" || kind === "search").length;
  const seconds = Math.round(lengthMs(timelineOf(steps)) / 1000);
  const told = telemetry.map((spec) => `, telemetry to ${redact(destinationOf(spec), secrets)}`);
  return `${faults === 0 ? "no fault" : countOf(faults, "fault")}, ${seconds} s${told.join("")}`;
}

/** A file that cannot be read, told like a mistake in it. */
export function unreadable(file: string, error: FaultlineError): Diagnostic {
  return {
    severity: "error",
    code: "file",
    message: error.message,
    help: error.hint,
    file,
    line: 1,
    column: 1,
    endLine: 1,
    endColumn: 1,
    frame: "",
    isAboutFormat: false,
  };
}
