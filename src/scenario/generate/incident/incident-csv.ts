import { FaultlineError } from "../../../support/errors.js";
import type { Source } from "../../text/source.js";
import {
  CURVES,
  type Curve,
  type CurveName,
  type CurvePoint,
  type Incident,
  LONGEST_INCIDENT_S,
  MOST_TRAFFIC_PER_S,
} from "./incident.js";

/** A column of the file, the curve that it is, and what its numbers are multiplied with. */
const COLUMNS: Readonly<Record<string, { readonly curve: CurveName; readonly factor: number }>> = {
  latency_ms: { curve: "latency", factor: 1 },
  latency_s: { curve: "latency", factor: 1000 },
  errors: { curve: "errors", factor: 1 },
  rate: { curve: "traffic", factor: 1 },
};
const MOST = {
  latency: 14 * 24 * 3600 * 1000,
  errors: 1,
  traffic: MOST_TRAFFIC_PER_S,
} as const satisfies Record<CurveName, number>;
const HELP = `A file of an incident has the column "time" (seconds, or times such as 2026-11-24T10:00:00Z) and one or more of ${Object.keys(COLUMNS).join(", ")}. "errors" is a share from 0 to 1, "rate" is requests per second`;

/** Of an incident, its curves and the columns that they came from. */
export interface ReadIncident {
  readonly incident: Incident;
  readonly columns: readonly string[];
}

/** @throws FaultlineError USAGE with the line, when the file is not of this form. */
export async function incidentFromCsv({ name, text }: Source): Promise<ReadIncident> {
  const { parse } = await import("csv-parse/sync");
  const refuse = (why: string, line?: number) =>
    new FaultlineError("USAGE", `${name}${line === undefined ? "" : `:${line}`} ${why}. ${HELP}`);
  let records: readonly {
    readonly record: Readonly<Record<string, string>>;
    readonly info: { readonly lines: number };
  }[];
  try {
    records = parse(text, { bom: true, columns: true, skip_empty_lines: true, trim: true, info: true });
  } catch (error) {
    throw refuse(`is no CSV: ${error instanceof Error ? error.message : String(error)}`);
  }
  const rows = records.map(({ record }) => record);
  const lineOf = (row: number) => records[row]?.info.lines;
  const [first] = rows;
  if (!first) throw refuse("has no rows");
  const columns = Object.keys(first).filter((column) => Object.hasOwn(COLUMNS, column));
  if (first.time === undefined || columns.length === 0) throw refuse("lacks columns");
  const times = rows.map(({ time = "" }, index) => {
    const atS = timeOf(time);
    if (atS === null) throw refuse(`has a time that is none: ${JSON.stringify(time)}`, lineOf(index));
    return atS;
  });
  const late = times.findIndex((atS, index) => index > 0 && atS <= (times[index - 1] ?? 0));
  if (late > 0) throw refuse("has a time that does not come after the one before", lineOf(late));
  const [beginS = 0, endS = 0] = [times[0], times.at(-1)];
  if (endS - beginS > LONGEST_INCIDENT_S) throw refuse("is longer than a day. Times are seconds");
  if (endS === beginS) throw refuse("has one row; a curve has two or more");
  const curves: Partial<Record<CurveName, Curve>> = {};
  for (const column of columns) {
    const { curve = "latency", factor = 1 } = COLUMNS[column] ?? {};
    if (curves[curve]) throw refuse(`has "${curve}" twice`);
    const points = rows.flatMap((row, index): readonly CurvePoint[] => {
      const said = row[column] ?? "";
      if (said === "" || /^nan$/i.test(said)) return [];
      const value = Number(said) * factor;
      if (!Number.isFinite(value) || value < 0 || value > MOST[curve]) {
        throw refuse(`has ${JSON.stringify(said)} for "${column}"`, lineOf(index));
      }
      return [{ atS: (times[index] ?? 0) - beginS, value }];
    });
    if (points.length > 0) curves[curve] = points;
  }
  if (CURVES.every((curve) => curves[curve] === undefined)) throw refuse("has no number in its columns");
  // The last row holds for as long as the one before it.
  const lastS = endS - (times.at(-2) ?? beginS);
  return { incident: { lengthS: endS - beginS + lastS, curves }, columns };
}

/** In seconds. */
function timeOf(text: string): number | null {
  const seconds = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : Date.parse(text) / 1000;
  return Number.isFinite(seconds) ? seconds : null;
}
