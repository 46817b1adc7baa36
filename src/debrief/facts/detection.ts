import type { FaultOfDay, GameDayReport, ScenarioOfDay } from "../../gameday/report/game-day-report.js";
import type { DayBefore } from "./earlier-days.js";

export type Note = GameDayReport["notes"][number];

/** Who saw a fault first, and when. */
export interface SeenByPerson {
  readonly by: string;
  readonly seconds: number;
}

/** A fault's name; with its scenario where another one has a fault of that name. */
export function labelOf(day: GameDayReport, scenario: ScenarioOfDay, name: string): string {
  return isNamedTwice(day, scenario, name) ? `${name} (${scenario.file})` : name;
}

/** The same within a sentence. */
export function quotedLabel(day: GameDayReport, scenario: ScenarioOfDay, name: string): string {
  return isNamedTwice(day, scenario, name) ? `"${name}" of ${scenario.file}` : `"${name}"`;
}

function isNamedTwice({ scenarios }: GameDayReport, { file }: ScenarioOfDay, name: string): boolean {
  return scenarios.some((one) => one.file !== file && one.faults?.some((fault) => fault.name === name));
}

/** A fault that was injected, and how it was noticed. */
export interface DetectedFault {
  readonly scenario: ScenarioOfDay;
  readonly fault: FaultOfDay;
  readonly beganMs: number;
  /** The first note while it counted as going on; null: there was none. */
  readonly person: SeenByPerson | null;
  /** The alert that should have fired. Nothing watches alerts. null: none was named. */
  readonly alert: string | null;
  /** The last time that this fault was injected on an earlier day; null: never. */
  readonly before: {
    readonly day: GameDayReport;
    readonly detection: FaultOfDay["detection"];
    readonly person: SeenByPerson | null;
  } | null;
}

export function detectedFaults(day: GameDayReport, earlier: readonly DayBefore[]): readonly DetectedFault[] {
  return injectedIn(day).map((injected) => ({
    ...injected,
    alert: injected.scenario.expected?.alert ?? null,
    before: lastTime(injected, earlier),
  }));
}

type Injected = Pick<DetectedFault, "scenario" | "fault" | "beganMs" | "person">;

function injectedIn(day: GameDayReport): readonly Injected[] {
  return day.scenarios.flatMap((scenario) => {
    const faults = (scenario.faults ?? []).flatMap((fault) =>
      fault.injectedAt === null ? [] : [{ scenario, fault, beganMs: Date.parse(fault.injectedAt) }],
    );
    return faults.map((each, index) => {
      const untilMs = faults[index + 1]?.beganMs ?? endMs(scenario);
      return { ...each, person: firstNote(day.notes, each.beganMs, untilMs) };
    });
  });
}

/** What people answer when a scenario is over is no detection. */
function endMs({ startedAt, durationS }: ScenarioOfDay): number {
  if (startedAt === null || durationS === null) return Number.POSITIVE_INFINITY;
  return Date.parse(startedAt) + durationS * 1000;
}

function firstNote(notes: readonly Note[], fromMs: number, untilMs: number): SeenByPerson | null {
  const seen = notes
    .map(({ by, at }) => ({ by, atMs: Date.parse(at) }))
    .filter(({ atMs }) => atMs >= fromMs && atMs < untilMs)
    .sort((a, b) => a.atMs - b.atMs);
  const [first] = seen;
  return first ? { by: first.by, seconds: Math.round((first.atMs - fromMs) / 1000) } : null;
}

function lastTime(now: Injected, earlier: readonly DayBefore[]): DetectedFault["before"] {
  for (const { day } of earlier) {
    const then = injectedIn(day).find(
      ({ scenario, fault }) => scenario.file === now.scenario.file && fault.name === now.fault.name,
    );
    if (then) return { day, detection: then.fault.detection, person: then.person };
  }
  return null;
}
