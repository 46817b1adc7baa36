import { LONGEST_INCIDENT_S } from "../../scenario/generate/incident/incident.js";
import { FaultlineError } from "../../support/errors.js";

/** A stretch of time in Unix seconds. */
export interface IncidentRange {
  readonly fromS: number;
  readonly untilS: number;
}

const SHORTEST_S = 10;

/**
 * "2026-11-24T10:00/11:00", "2026-11-24T10:00Z/2026-11-24T11:30Z". Without a zone: the time of this machine. An end that is
 * a time alone is on the day of the begin, or on the next one.
 * @throws FaultlineError USAGE
 */
export function parseRangeOfTime(text: string): IncidentRange {
  const [from = "", until = "", more] = text.split("/").map((part) => part.trim());
  const begin = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d(?::\d\d)?)(Z|[+-]\d\d:\d\d)?$/.exec(from);
  const end = /^(?:(\d{4}-\d\d-\d\d)T)?(\d\d:\d\d(?::\d\d)?)(Z|[+-]\d\d:\d\d)?$/.exec(until);
  if (!begin || !end || more !== undefined) throw refuse(`"${text}" is no range of time`);
  const [, day = "", , zone = ""] = begin;
  const fromMs = Date.parse(from);
  let untilMs = Date.parse(`${end[1] ?? day}T${end[2]}${end[3] ?? zone}`);
  if (end[1] === undefined && untilMs <= fromMs) untilMs += 24 * 3600 * 1000;
  const lengthS = (untilMs - fromMs) / 1000;
  if (!Number.isFinite(lengthS)) throw refuse(`"${text}" has a time that does not exist`);
  if (lengthS < SHORTEST_S) throw refuse(`"${text}" ends before it has lasted ${SHORTEST_S} s`);
  if (lengthS > LONGEST_INCIDENT_S) throw refuse(`"${text}" is longer than a day`);
  return { fromS: fromMs / 1000, untilS: untilMs / 1000 };
}

/** "2026-11-24 10:00:00 to 11:00:00 UTC" */
export function rangeInWords({ fromS, untilS }: IncidentRange): string {
  const [from, until] = [fromS, untilS].map((atS) =>
    new Date(atS * 1000).toISOString().slice(0, 19).split("T"),
  );
  const end = from?.[0] === until?.[0] ? until?.[1] : until?.join(" ");
  return `${from?.join(" ")} to ${end} UTC`;
}

function refuse(why: string): FaultlineError {
  return new FaultlineError(
    "USAGE",
    `--range: ${why}. Write the begin and the end, such as 2026-11-24T10:00/11:00 or 2026-11-24T10:00Z/2026-11-24T11:30Z`,
  );
}
