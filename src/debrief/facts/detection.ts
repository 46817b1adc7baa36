import type {
  FaultOfDay,
  GameDayReport,
  ResponseToFault,
  ScenarioOfDay,
} from "../../gameday/report/game-day-report.js";
import type { DayBefore } from "./earlier-days.js";

export type NoteOfDay = GameDayReport["notes"][number];

/** A fault's name. The scenario is added where another scenario has a fault of that name. */
export function faultLabel(day: GameDayReport, scenario: ScenarioOfDay, name: string): string {
  return isNamedTwice(day, scenario, name) ? `${name} (${scenario.file})` : name;
}

/** The same label for the middle of a sentence. */
export function quotedFaultLabel(day: GameDayReport, scenario: ScenarioOfDay, name: string): string {
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
  /** What people did about it. null: day.json is of an older version. */
  readonly response: ResponseToFault | null;
  /** The alert that should have fired. Nothing watches alerts. null: none was named. */
  readonly alert: string | null;
  /** The last time that this fault was injected on an earlier day. null: never. */
  readonly before: {
    readonly day: GameDayReport;
    readonly detection: FaultOfDay["detection"];
    readonly response: ResponseToFault | null;
  } | null;
}

export function detectedFaults(day: GameDayReport, earlier: readonly DayBefore[]): readonly DetectedFault[] {
  return injectedIn(day).map((injected) => ({
    ...injected,
    alert: injected.scenario.expected?.alert ?? null,
    before: lastTime(injected, earlier),
  }));
}

type Injected = Pick<DetectedFault, "scenario" | "fault" | "beganMs" | "response">;

function injectedIn(day: GameDayReport): readonly Injected[] {
  return day.scenarios.flatMap((scenario) =>
    (scenario.faults ?? []).flatMap((fault) => {
      if (fault.injectedAt === null) return [];
      const response = scenario.responses?.find((one) => one.fault === fault.name) ?? null;
      return [{ scenario, fault, beganMs: Date.parse(fault.injectedAt), response }];
    }),
  );
}

function lastTime(now: Injected, earlier: readonly DayBefore[]): DetectedFault["before"] {
  for (const { day } of earlier) {
    const then = injectedIn(day).find(
      ({ scenario, fault }) => scenario.file === now.scenario.file && fault.name === now.fault.name,
    );
    if (then) return { day, detection: then.fault.detection, response: then.response };
  }
  return null;
}
