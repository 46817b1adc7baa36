import type { PhaseReport, Report } from "../../analysis/document/report.js";
import { isJourney } from "../../slo/timed-name.js";

/** Journeys and waits, as every report calls them. */
export function timedLabel({ load }: Report, name: string): string {
  const timed = load.timed?.find((each) => each.name === name);
  return timed && isJourney(timed) && !name.startsWith("journey ") ? `journey ${name}` : name;
}

export interface TimedRow {
  readonly phase: PhaseReport;
  readonly label: string;
  readonly timed: NonNullable<PhaseReport["timed"]>[number];
}

/** All of a run, phase by phase. [] where nothing is timed beside requests. */
export function timedRows(report: Report): readonly TimedRow[] {
  return report.phases.flatMap((phase) =>
    (phase.timed ?? []).map((timed) => ({ phase, timed, label: timedLabel(report, timed.name) })),
  );
}
