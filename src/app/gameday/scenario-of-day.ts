import { relative } from "node:path";
import { tellingResult } from "../../analysis/document/telling-result.js";
import type { GameDay } from "../../gameday/read-game-day.js";
import type { FaultOfDay, ScenarioOfDay } from "../../gameday/report/game-day-report.js";
import { scenarioName } from "../../plan/fault-round.js";
import { DEFAULT_FAIL_ON } from "../../report/fail-on.js";
import { EXIT, FaultlineError, headOf } from "../../support/errors.js";
import { redact } from "../../support/redact.js";
import type { PlannedScenario } from "../plan-to-run.js";
import { outcomeOf } from "../run-outcome.js";
import type { FinishedRun } from "../run-planned.js";
import { countsAs, exemptionsFor, withExemption } from "./exempt-faults.js";
import { loadStartMs } from "./load-start.js";

/** The entry of a scenario that was not run, or not yet. */
export function notRun(gameDay: GameDay, index: number): ScenarioOfDay {
  const file = gameDay.data.scenarios[index] ?? "";
  const nothing = { name: null, verdict: null, exitCode: null, reason: null, score: null };
  const { expect } = gameDay.data;
  const expected = expect.find((entry) => file in entry)?.[file] ?? null;
  const shown = expected && textsWithoutSecrets(expected, gameDay.secrets);
  return { file, ...nothing, startedAt: null, durationS: null, folder: null, expected: shown };
}

/** Each of the texts that are there. */
export function textsWithoutSecrets(
  texts: Readonly<Record<string, string | undefined>>,
  secrets: readonly string[],
): Readonly<Record<string, string>> {
  const shown = Object.entries(texts).flatMap(([key, text]) =>
    text === undefined ? [] : [[key, redact(text, secrets)] as const],
  );
  return Object.fromEntries(shown);
}

/** The entry of a scenario that was run. */
export function asRun(
  before: ScenarioOfDay,
  run: FinishedRun,
  dayFolder: string,
  { data, secrets }: GameDay,
): ScenarioOfDay {
  const { report, folder, error } = run;
  const exempt = exemptionsFor(before.file, data.exempt, report.startedAt);
  const mask = (text: string) => redact(text, secrets);
  const faults = faultsOfDay(run).map((fault) => withExemption(fault, exempt, mask));
  const code = error === null ? countsAs(report, faults) : null;
  return {
    ...before,
    name: report.scenario.name,
    verdict: report.verdict,
    exitCode:
      error === null
        ? outcomeOf(report, { failOn: DEFAULT_FAIL_ON, earlier: null }).exitCode
        : exitCodeOf(error),
    reason: report.reason,
    score: report.score?.value ?? null,
    startedAt: report.startedAt,
    durationS: report.durationS,
    folder: folder === null ? null : relative(dayFolder, folder),
    faults,
    ...(code === null ? {} : { countsAs: code }),
  };
}

function faultsOfDay({ report, record }: FinishedRun): FaultOfDay[] {
  const startMs = loadStartMs(record);
  const at = (seconds: number | null) =>
    seconds === null || startMs === null
      ? null
      : new Date(startMs + Math.round(seconds * 1000)).toISOString();
  return report.faults.map((fault) => {
    const { name, verdict, reason, injection, findings, findingIds = [], findingFacts = [] } = fault;
    const { detection, recovery } = fault;
    return {
      name,
      of: scenarioName(name, record.faults.find((one) => one.name === name)?.round),
      verdict,
      reason,
      slo: sloOf(fault),
      description: injection.description,
      injectedAt: at(fault.injectedAtS),
      removedAt: at(fault.removedAtS),
      detection: timingOf(detection),
      recovery: timingOf(recovery),
      findings: findings.map((text, index) => ({
        id: findingIds[index] ?? "",
        facts: findingFacts[index] ?? {},
        text,
      })),
    };
  });
}

function sloOf({ slos, verdict }: FinishedRun["report"]["faults"][number]): FaultOfDay["slo"] {
  const telling = tellingResult(slos, verdict);
  if (!telling) return null;
  const { expect, unit, baseline, observed, censored } = telling;
  return { expect, unit, baseline, observed, censored };
}

function timingOf({ seconds, censored, explanation }: FaultOfDay["detection"]): FaultOfDay["detection"] {
  return { seconds, censored, explanation };
}

/** The entry of a scenario that could not begin. */
export function asFailed(
  before: ScenarioOfDay,
  scenario: PlannedScenario | null,
  error: unknown,
  secrets: readonly string[],
): ScenarioOfDay {
  const mask = (text: string) => redact(text, [...secrets, ...(scenario?.plan.secrets ?? [])]);
  return {
    ...before,
    name: scenario === null ? null : mask(scenario.plan.name),
    exitCode: exitCodeOf(error),
    reason: mask(headOf(error)),
  };
}

/** The exit code that the command line has for this error. A bug leaves the verdict open. */
function exitCodeOf(error: unknown): number {
  return error instanceof FaultlineError ? error.exitCode : EXIT.undecided;
}
