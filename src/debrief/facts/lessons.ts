import type { FaultOfDay, GameDayReport, ScenarioOfDay } from "../../gameday/report/game-day-report.js";
import { countOf } from "../../support/count-of.js";
import { EXIT } from "../../support/errors.js";
import { formatTiming, formatValue } from "../../support/format.js";
import { type DetectedFault, faultLabel, quotedFaultLabel } from "./detection.js";

/** One thing that the day has shown. */
export interface Lesson {
  readonly id:
    | "rollback_failed"
    | "halted"
    | "postponed"
    | "broken"
    | "more_broken"
    | "exempt"
    | "exempt_passed"
    | "not_run"
    | "undecided"
    | "reopened"
    | "closed"
    | "held";
  /** The fault or scenario that it is about. null: the whole day. */
  readonly subject: string | null;
  readonly text: string;
}

/** At most this many are named. The others are counted, and stand further down the page. */
const MOST_TOLD = 3;

/** The lessons, most important first. */
export function lessonsOf(day: GameDayReport, detected: readonly DetectedFault[]): readonly Lesson[] {
  return [
    ...rollback(day),
    ...ending(day),
    ...broken(day),
    ...mended(day, "open"),
    ...exempt(day),
    ...couldNotRun(day),
    ...undecided(day),
    ...mended(day, "closed"),
    ...held(day, detected),
  ];
}

function rollback({ scenarios }: GameDayReport): Lesson[] {
  return scenarios
    .filter(({ exitCode }) => exitCode === EXIT.rollbackFailed)
    .map(({ file }) => ({
      id: "rollback_failed",
      subject: file,
      text: "A fault, or a process of a service or a check, could not be removed. It may still be in place: run `faultline heal`.",
    }));
}

function ending({ verdict, reason, halt }: GameDayReport): Lesson[] {
  if (verdict === "postponed") return [{ id: "postponed", subject: null, text: reason }];
  if (halt === null) return [];
  const why = halt.reason === null ? "" : ` (${halt.reason})`;
  return [{ id: "halted", subject: null, text: `${halt.by} halted the day${why}.` }];
}

export function isBroken({ verdict }: ScenarioOfDay): boolean {
  return verdict === "fail" || verdict === "aborted";
}

function broken(day: GameDayReport): Lesson[] {
  const all = day.scenarios.filter(isBroken).flatMap((scenario): Lesson[] => {
    const failed = (scenario.faults ?? []).filter(({ verdict }) => verdict === "fail");
    const faults = failed.filter((fault) => fault.exempt === undefined);
    if (failed.length > 0) {
      const subject = (name: string) => faultLabel(day, scenario, name);
      return faults.map((fault) => ({ id: "broken", subject: subject(fault.name), text: whatBroke(fault) }));
    }
    return [{ id: "broken", subject: scenario.file, text: scenario.reason ?? "It did not pass." }];
  });
  const told = all.slice(0, MOST_TOLD);
  const rest = all.length - told.length;
  const more = `${countOf(rest, "more fault")} broke promises.`;
  return rest === 0 ? told : [...told, { id: "more_broken", subject: null, text: more }];
}

/** A short reason. The whole one stands further down the page. */
function whatBroke({ slo, reason }: FaultOfDay): string {
  if (slo === null) return reason;
  const { expect, unit, baseline, observed, censored } = slo;
  if (unit === "s") {
    const seconds = typeof observed === "number" ? observed : null;
    return `"${expect}" was broken: it took ${formatTiming({ seconds, censored })}.`;
  }
  return `"${expect}" was broken: ${formatValue(baseline, unit)} before, ${formatValue(observed, unit)} under the fault.`;
}

/** Faults that are accepted for a time, and exemptions that are no longer needed. */
function exempt(day: GameDayReport): Lesson[] {
  return day.scenarios.flatMap((scenario) =>
    (scenario.faults ?? []).flatMap((fault): Lesson[] => {
      if (fault.exempt === undefined) return [];
      const subject = faultLabel(day, scenario, fault.name);
      const { reason, owner, expires } = fault.exempt;
      const until = `exempt until ${expires} (${owner}: ${reason})`;
      if (fault.verdict === "fail")
        return [{ id: "exempt", subject, text: `${whatBroke(fault)} It is ${until}.` }];
      const text = `It passed, and is ${until}: take the exemption out.`;
      return fault.verdict === "pass" ? [{ id: "exempt_passed", subject, text }] : [];
    }),
  );
}

/** Items that the team had declared mended, and what became of them. */
function mended({ actions = [] }: GameDayReport, status: "open" | "closed"): Lesson[] {
  return actions
    .filter((action) => action.before === "mended" && action.status === status)
    .map(({ id, what }) =>
      status === "closed"
        ? { id: "closed", subject: id, text: `It was mended, and it holds: ${what}` }
        : { id: "reopened", subject: id, text: `It was declared mended, and it broke again: ${what}` },
    );
}

function couldNotRun({ scenarios }: GameDayReport): Lesson[] {
  return scenarios
    .filter(
      ({ verdict, exitCode }) =>
        verdict === null &&
        exitCode !== null &&
        exitCode !== EXIT.interrupted &&
        exitCode !== EXIT.rollbackFailed,
    )
    .map(({ file, reason }) => ({
      id: "not_run",
      subject: file,
      text: `It could not be run: ${reason ?? ""}`,
    }));
}

function undecided({ scenarios }: GameDayReport): Lesson[] {
  return scenarios
    .filter(({ verdict, faults = [] }) => isOpen(verdict) || faults.some((fault) => isOpen(fault.verdict)))
    .map(({ file, faults = [] }) => {
      const open = faults.filter(({ verdict }) => isOpen(verdict)).map(({ name }) => `"${name}"`);
      const text = open.length === 0 ? "It was not decided." : `Not decided: ${open.join(", ")}.`;
      return { id: "undecided", subject: file, text };
    });
}

/** Whether a verdict decides nothing. */
export function isOpen(verdict: string | null): boolean {
  return verdict === "inconclusive" || verdict === "invalid";
}

function held(day: GameDayReport, detected: readonly DetectedFault[]): Lesson[] {
  const { scenarios } = day;
  const held = detected.filter(({ fault }) => fault.verdict === "pass");
  if (held.length > 0) {
    const all = held.length === 1 ? "the fault" : `all ${countOf(held.length, "fault")}`;
    const names = held.map(({ scenario, fault }) => quotedFaultLabel(day, scenario, fault.name)).join(", ");
    const under = held.length === detected.length ? `${all} of the day` : names;
    return [{ id: "held", subject: null, text: `Every promise was kept under ${under}.` }];
  }
  const passed = scenarios.filter(({ verdict }) => verdict === "pass");
  if (passed.length === 0 || passed.length < scenarios.length) return [];
  return [
    { id: "held", subject: null, text: `${countOf(passed.length, "scenario")} passed, without a fault.` },
  ];
}
