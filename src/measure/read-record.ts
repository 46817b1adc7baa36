/** Reads record.json from a file and checks every number: it may be cut off, edited by hand or of a newer version. */

import { readFile } from "node:fs/promises";
import type { z } from "zod";
import { sum } from "../slo/observations.js";
import { FaultlineError, hasCode, messageOf } from "../support/errors.js";
import { FAILED_OUTCOMES } from "./failures/failure-times.js";
import { OUTCOMES } from "./outcome.js";
import { RECORD_FORMAT_VERSION, type RequestSeries, type RunRecord, recordSchema } from "./record.js";
import { withRounds } from "./rounds-of-older-records.js";

/** @throws FILE_NOT_FOUND, FILE_UNREADABLE, RECORD_INVALID (what and where) or RECORD_TOO_NEW. */
export async function readRecord(path: string): Promise<RunRecord> {
  return parseRecord(await readFileText(path), path);
}

/** @param name the file's name, for messages. */
export function parseRecord(text: string, name: string): RunRecord {
  const json = parseJson(text, name);
  const kind = field(json, "format");
  if (kind !== "faultline-record") {
    throw new FaultlineError(
      "RECORD_INVALID",
      `${name} is not a record: its "format" is not "faultline-record"`,
    );
  }
  refuseNewer(json, name, "record", RECORD_FORMAT_VERSION);
  const parsed = recordSchema.safeParse(json);
  if (!parsed.success)
    throw new FaultlineError("RECORD_INVALID", `${name}: ${describeIssue(parsed.error, json)}`);
  const record = withRounds(parsed.data);
  for (const [at, phase] of record.phases.entries()) {
    for (const series of [phase.all, ...phase.requests]) {
      const wrong = contradiction(series);
      if (wrong === null) continue;
      const of = series.request === null ? "all requests" : `requests named "${series.request}"`;
      throw new FaultlineError("RECORD_INVALID", `${name}: phases[${at}] (${phase.id}), ${of}: ${wrong}`);
    }
  }
  return record;
}

/** A file's text. @throws FILE_NOT_FOUND or FILE_UNREADABLE. */
export async function readFileText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT")) throw new FaultlineError("FILE_NOT_FOUND", `${path} does not exist`);
    throw new FaultlineError("FILE_UNREADABLE", `${path} cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

export function parseJson(text: string, name: string): unknown {
  if (text.trim() === "") throw new FaultlineError("RECORD_INVALID", `${name} is empty`);
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    const isCutOff = /^\uFEFF?\s*\{/.test(text) && !text.trimEnd().endsWith("}");
    const cutOff = isCutOff ? " (it seems to be cut off)" : "";
    throw new FaultlineError("RECORD_INVALID", `${name} is not valid JSON${cutOff}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

export function refuseNewer(json: unknown, name: string, what: string, known: number): void {
  const version = field(json, "formatVersion");
  if (typeof version === "number" && version > known) {
    const message = `${name} is a ${what} of format ${version}; this version of faultline reads up to ${known}`;
    throw new FaultlineError("RECORD_TOO_NEW", message);
  }
}

export function field(json: unknown, key: string): unknown {
  return typeof json === "object" && json !== null ? (json as Record<string, unknown>)[key] : undefined;
}

/** "phases[1].all.scheduled[3]: expected a number of 0 or more, found -5". */
export function describeIssue(error: z.ZodError, json: unknown): string {
  const issue = error.issues[0];
  if (issue === undefined) return "it is not as expected";
  let found: unknown = json;
  let where = "";
  for (const key of issue.path) {
    where += typeof key === "number" ? `[${key}]` : `${where === "" ? "" : "."}${String(key)}`;
    found = field(found, String(key));
  }
  const shown = found === undefined ? "nothing" : JSON.stringify(found);
  const value = shown.length > 60 ? `${shown.slice(0, 57)}...` : shown;
  return `${where === "" ? "" : `${where}: `}${issue.message}; found ${value}`;
}

/** What cannot be in a measured record. @returns null when the series agrees with itself. */
function contradiction(series: RequestSeries): string | null {
  const { scheduled, outcomes, slow, latencyMs, lagP99Ms, unsentByGenerator, offered, degraded, redirects } =
    series;
  const { timeToFailure } = series;
  const columns: readonly (readonly [string, readonly unknown[]])[] = [
    ...OUTCOMES.map((outcome) => [`outcomes.${outcome}`, outcomes[outcome]] as const),
    ...slow.flatMap(({ limitUs, due, dispatch }) => [
      [`slow(${limitUs} us).due`, due] as const,
      [`slow(${limitUs} us).dispatch`, dispatch] as const,
    ]),
    ...Object.entries(latencyMs).map(([name, column]) => [`latencyMs.${name}`, column] as const),
    ["lagP99Ms", lagP99Ms],
    ["unsentByGenerator", unsentByGenerator],
    ...(offered ? [["offered", offered] as const] : []),
    ...(degraded ? [["degraded", degraded] as const] : []),
    ...(redirects ? [["redirects", redirects] as const] : []),
    ...(timeToFailure?.slow ?? []).flatMap(({ limitUs, due, dispatch }) => [
      [`timeToFailure.slow(${limitUs} us).due`, due] as const,
      [`timeToFailure.slow(${limitUs} us).dispatch`, dispatch] as const,
    ]),
    ...Object.entries(timeToFailure?.ms ?? {}).map(
      ([name, column]) => [`timeToFailure.ms.${name}`, column] as const,
    ),
  ];
  for (const [name, column] of columns) {
    if (column.length !== scheduled.length) {
      return `"${name}" has ${column.length} seconds where "scheduled" has ${scheduled.length}`;
    }
  }
  for (let t = 0; t < scheduled.length; t++) {
    let ended = 0;
    for (const outcome of OUTCOMES) ended += outcomes[outcome][t]!;
    if (ended !== scheduled[t])
      return `in second ${t}, ${scheduled[t]} were scheduled but ${ended} have an outcome`;
    if (unsentByGenerator[t]! > outcomes.unsent[t]!)
      return `in second ${t}, "unsentByGenerator" is above "unsent"`;
    if (degraded && degraded[t]! > outcomes.ok[t]!)
      return `in second ${t}, more answers were degraded than there were answers`;
    for (const { limitUs, due, dispatch } of slow) {
      if (due[t]! > outcomes.ok[t]! || dispatch[t]! > outcomes.ok[t]!) {
        return `in second ${t}, more answers were slower than ${limitUs} us than there were answers`;
      }
    }
    const failed = FAILED_OUTCOMES.reduce((sum, outcome) => sum + outcomes[outcome][t]!, 0);
    for (const { limitUs, due, dispatch } of timeToFailure?.slow ?? []) {
      if (due[t]! > failed || dispatch[t]! > failed) {
        return `in second ${t}, more failures took ${limitUs} us than there were failures`;
      }
    }
  }
  return histogramContradiction(series);
}

function histogramContradiction({ outcomes, histograms, timeToFailure }: RequestSeries): string | null {
  const answers = sum(outcomes.ok);
  const { count } = histograms.latency;
  if (count !== answers)
    return `the histogram "latency" holds ${count} answers where the seconds hold ${answers}`;
  for (const outcome of timeToFailure ? FAILED_OUTCOMES : []) {
    const timed = timeToFailure?.byOutcome[outcome]?.count ?? 0;
    const failed = sum(outcomes[outcome]);
    if (timed !== failed)
      return `the histogram "timeToFailure" holds ${timed} of "${outcome}" where the seconds hold ${failed}`;
  }
  return null;
}
