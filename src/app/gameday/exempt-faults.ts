import { normalize } from "node:path";
import type { Report } from "../../analysis/document/report.js";
import { worst } from "../../analysis/document/verdict.js";
import type { GameDay } from "../../gameday/read-game-day.js";
import type { FaultOfDay, ScenarioOfDay } from "../../gameday/report/game-day-report.js";
import { isPast } from "../../gameday/schema/date.js";
import type { Exemption } from "../../gameday/schema/exempt.js";
import { EXIT } from "../../support/errors.js";

/** The exemptions in force for a scenario. One may expire while a scheduler stays. It ends with its last day. */
export function exemptionsFor(
  file: string,
  exempt: readonly Exemption[],
  startedAt: string,
): readonly Exemption[] {
  return exempt.filter(
    ({ scenario, expires }) =>
      normalize(scenario) === normalize(file) && !isPast(expires, Date.parse(startedAt)),
  );
}

export function withExemption(
  fault: FaultOfDay,
  exempt: readonly Exemption[],
  mask: (text: string) => string,
): FaultOfDay {
  const found = exempt.find((one) => one.fault === fault.of);
  if (!found) return fault;
  const { reason, owner, expires } = found;
  return { ...fault, exempt: { reason: mask(reason), owner: mask(owner), expires } };
}

/**
 * The exit code that a scenario has for the day, without exempt faults that failed.
 * @returns null when no exempt fault made it fail.
 */
export function countsAs(
  { verdict, baseline, ending, faults: judged }: Pick<Report, "verdict" | "baseline" | "ending" | "faults">,
  faults: readonly FaultOfDay[],
): number | null {
  const isExcused = (name: string) =>
    faults.some((fault) => fault.name === name && fault.exempt !== undefined && fault.verdict === "fail");
  if (verdict !== "fail" || ending.kind !== "completed" || !judged.some(({ name }) => isExcused(name)))
    return null;
  const rest = judged.filter(({ name }) => !isExcused(name)).map((fault) => fault.verdict);
  switch (worst([baseline.verdict, ...rest])) {
    case "pass":
      return EXIT.ok;
    case "fail":
      return null;
    default:
      return EXIT.undecided;
  }
}

/** A text for each exemption whose fault passed, with its place in the game day. Nobody should rely on such an exemption any more. */
export function needlessExemptions(
  file: string,
  faults: readonly FaultOfDay[],
  exempt: readonly Exemption[],
  placeOf: GameDay["placeOf"],
): readonly string[] {
  return exempt.flatMap(({ scenario, fault }, index) => {
    const rounds = faults.filter(({ of }) => normalize(scenario) === normalize(file) && of === fault);
    if (rounds.length === 0 || rounds.some((round) => round.verdict !== "pass")) return [];
    const { source, start } = placeOf("exempt", index, "fault");
    const { line, column } = source.position(start);
    return [`${source.name}:${line}:${column}: \`${fault}\` is exempt and passed: take the exemption out`];
  });
}

/** The exit code with which the scenario counts. null: it was not run. */
export function codeOf({ countsAs, exitCode }: Pick<ScenarioOfDay, "countsAs" | "exitCode">): number | null {
  return countsAs ?? exitCode;
}
