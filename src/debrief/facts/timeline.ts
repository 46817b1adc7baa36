import type { GameDayReport } from "../../gameday/report/game-day-report.js";
import { formatSeconds } from "../../support/format.js";
import type { DetectedFault } from "./detection.js";

/** Something that happened on the day, and when. */
export interface MomentOfDay {
  readonly atMs: number;
  readonly kind: "day" | "scenario" | "fault" | "slo" | "note" | "halt";
  readonly text: string;
}

/** Faults, SLO changes, notes and halts together, in the order in which they happened. */
export function momentsOfDay(day: GameDayReport, detected: readonly DetectedFault[]): readonly MomentOfDay[] {
  const beganMs = Date.parse(day.startedAt);
  return [
    moment(beganMs, "day", `the game day begins`),
    ...scenarios(day),
    ...detected.flatMap(ofFault),
    ...day.notes.map((note) =>
      moment(Date.parse(note.at), "note", `${note.by}${kindOf(note)}: ${note.text}`),
    ),
    ...halt(day),
    moment(beganMs + day.durationS * 1000, "day", `the game day ends: ${day.verdict}`),
  ]
    .filter(({ atMs }) => Number.isFinite(atMs))
    .sort((a, b) => a.atMs - b.atMs);
}

function moment(atMs: number, kind: MomentOfDay["kind"], text: string): MomentOfDay {
  return { atMs, kind, text };
}

function scenarios({ scenarios }: GameDayReport): MomentOfDay[] {
  return scenarios.flatMap(({ file, startedAt, durationS, verdict }) => {
    if (startedAt === null) return [];
    const atMs = Date.parse(startedAt);
    return [
      moment(atMs, "scenario", `${file} begins`),
      ...(durationS === null
        ? []
        : [moment(atMs + durationS * 1000, "scenario", `${file} ends: ${verdict ?? "error"}`)]),
    ];
  });
}

function ofFault({ fault, beganMs }: DetectedFault): MomentOfDay[] {
  const { name, description, removedAt, detection, recovery } = fault;
  const removedMs = removedAt === null ? null : Date.parse(removedAt);
  const seconds = (time: number) => formatSeconds(time);
  return [
    moment(beganMs, "fault", `"${name}" begins: ${description}`),
    ...(detection.seconds === null || detection.censored
      ? []
      : [moment(beganMs + detection.seconds * 1000, "slo", detection.explanation)]),
    ...(removedMs === null ? [] : [moment(removedMs, "fault", `"${name}" ends`)]),
    ...(removedMs === null || recovery.seconds === null || (detection.censored && recovery.seconds === 0)
      ? []
      : recovery.censored
        ? [
            moment(
              removedMs + recovery.seconds * 1000,
              "slo",
              `not back at its SLOs ${seconds(recovery.seconds)} after "${name}"`,
            ),
          ]
        : [moment(removedMs + recovery.seconds * 1000, "slo", `back at every SLO after "${name}"`)]),
  ];
}

/** A plain note needs no word for its kind. */
function kindOf({ kind = "note" }: GameDayReport["notes"][number]): string {
  return kind === "note" ? "" : ` (${kind})`;
}

function halt({ halt }: GameDayReport): MomentOfDay[] {
  if (halt === null || halt.at === null) return [];
  return [
    moment(
      Date.parse(halt.at),
      "halt",
      `halted by ${halt.by}${halt.reason === null ? "" : `: ${halt.reason}`}`,
    ),
  ];
}
