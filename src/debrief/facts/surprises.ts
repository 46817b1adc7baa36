import type { GameDayReport, ScenarioOfDay } from "../../gameday/report/game-day-report.js";
import { type DetectedFault, faultLabel, type NoteOfDay } from "./detection.js";
import { type DayBefore, lastVerdict } from "./earlier-days.js";
import { expectationOf } from "./expectations.js";

/** What nobody had foreseen, or what somebody saw. */
export type Surprise =
  | { readonly id: "expectation_not_met"; readonly scenario: ScenarioOfDay; readonly hypothesis: string }
  | {
      readonly id: "verdict_changed";
      readonly scenario: ScenarioOfDay;
      readonly before: ScenarioOfDay;
      readonly on: string;
    }
  | { readonly id: "finding"; readonly fault: string; readonly finding: string; readonly text: string }
  | {
      readonly id: "note";
      readonly note: NoteOfDay;
      readonly during: { readonly fault: string; readonly seconds: number } | null;
    };

/** Findings that say more than how far off a promise was. No hypothesis about promises covers them. */
const UNFORESEEN = new Set([
  "accepted_certificate",
  "upstream_died",
  "little_crossed",
  "not_proven",
  "load_differed",
  "new_status",
  "no_client_timeout",
  "slow_failures",
  "idle_closes",
  "hardest_hit",
  "adapted",
  "unrecovered",
]);
const MOST_FINDINGS = 10;

export function surprisesOf(
  day: GameDayReport,
  earlier: readonly DayBefore[],
  detected: readonly DetectedFault[],
): readonly Surprise[] {
  return [
    ...day.scenarios.flatMap(notMet),
    ...day.scenarios.flatMap((scenario) => changed(scenario, earlier)),
    ...day.scenarios.flatMap((scenario) => findings(day, scenario)).slice(0, MOST_FINDINGS),
    ...day.notes.map((note): Surprise => ({ id: "note", note, during: faultAt(note, detected) })),
  ];
}

function notMet(scenario: ScenarioOfDay): Surprise[] {
  const hypothesis = scenario.expected?.hypothesis;
  if (hypothesis === undefined || expectationOf(scenario).outcome !== "not_met") return [];
  return [{ id: "expectation_not_met", scenario, hypothesis }];
}

function changed(scenario: ScenarioOfDay, earlier: readonly DayBefore[]): Surprise[] {
  const last = lastVerdict(scenario.file, earlier);
  if (last === null || scenario.verdict === null || scenario.verdict === last.scenario.verdict) return [];
  return [{ id: "verdict_changed", scenario, before: last.scenario, on: last.day.startedAt }];
}

function findings(day: GameDayReport, scenario: ScenarioOfDay): Surprise[] {
  return (scenario.faults ?? []).flatMap(({ name, findings }) =>
    findings
      .filter(({ id }) => UNFORESEEN.has(id))
      .map(
        ({ id, text }): Surprise => ({
          id: "finding",
          fault: faultLabel(day, scenario, name),
          finding: id,
          text,
        }),
      ),
  );
}

/** The fault that was in place when the note was written, or the last one that had begun in that scenario. */
function faultAt(
  { at }: NoteOfDay,
  detected: readonly DetectedFault[],
): (Surprise & { id: "note" })["during"] {
  const atMs = Date.parse(at);
  const last = detected.findLast(({ beganMs }) => beganMs <= atMs);
  if (!last) return null;
  const { startedAt, durationS } = last.scenario;
  if (startedAt === null || atMs > Date.parse(startedAt) + (durationS ?? 0) * 1000) return null;
  return { fault: last.fault.name, seconds: Math.round((atMs - last.beganMs) / 1000) };
}
