import { mkdir, readFile, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { field } from "../measure/read-record.js";
import { JSON_LINES_FILE } from "../plan/telemetry/telemetry-spec.js";
import { REPORTERS } from "../report/registry.js";
import type { ReportChoice } from "../report/write-reports.js";
import { FaultlineError, hasCode, messageOf } from "../support/errors.js";
import { slug } from "../support/names/slug.js";
import { refuseOther } from "../support/write-whole.js";
import { earlierServiceOutputs } from "./service-outputs.js";

/** Every run and `report` write these. */
const ALWAYS_WRITTEN = ["report.json", "record.json"];

/**
 * Removes what an earlier run has left where this one will write, before anything else is done. When this run fails or
 * is killed, nobody takes the old result for its own. In a folder these are the reports of the run whose record or
 * report.json is there; elsewhere, the files that `--reporter NAME=PATH` names.
 * @throws FaultlineError REPORT_UNWRITABLE.
 */
export async function removeEarlierReports(
  folder: string | null,
  reporters: readonly ReportChoice[],
): Promise<void> {
  const named = reporters.flatMap(({ path }) => path ?? []);
  const inFolder =
    folder !== null && (await holdsReports(folder))
      ? [...(await earlierServiceOutputs(folder)), join(folder, JSON_LINES_FILE), ...reportFiles(folder)]
      : [];
  for (const file of [...named, ...inFolder]) await removeFile(file);
}

/**
 * Makes the folder of one run, before anything is started: a run whose report cannot be written would be wasted.
 * Without `own` it is `parent` itself. With `own` it is a new folder in it, even when two runs of one name begin in one
 * second.
 * @returns `isNew`: the folder did not exist before.
 * @throws FaultlineError REPORT_UNWRITABLE.
 */
export async function makeReportFolder(
  cwd: string,
  parent: string,
  own: string | null,
): Promise<{ readonly path: string; readonly isNew: boolean }> {
  const folder = resolve(cwd, parent);
  try {
    const made = await mkdir(folder, { recursive: true });
    if (own === null) return { path: folder, isNew: made !== undefined };
    return { path: await newFolder(join(folder, own)), isNew: true };
  } catch (error) {
    throw new FaultlineError(
      "REPORT_UNWRITABLE",
      `the report folder ${own === null ? parent : join(parent, own)} cannot be made: ${messageOf(error)}`,
      { cause: error },
    );
  }
}

/** Name of a run's own folder: when it began, and its scenario's name. */
export function folderName(startedAt: Date, scenario: string): string {
  const stamp = startedAt
    .toISOString()
    .replace(/\.\d+Z$/, "")
    .replaceAll(/[-:]/g, "")
    .replace("T", "-");
  const name = shortName(scenario);
  return name === "" ? stamp : `${stamp}-${name}`;
}

/** What a folder's name says of a scenario or game day. "": nothing, it has no letter that may stand there. */
export function shortName(name: string): string {
  return slug(name).slice(0, 60);
}

/** Other programs have files called report.json, too. The content tells whose it is. */
async function holdsReports(folder: string): Promise<boolean> {
  const texts = await Promise.all(
    ALWAYS_WRITTEN.map((name) => readFile(join(folder, name), "utf8").catch(() => "")),
  );
  return texts.some(isOurs);
}

function isOurs(text: string): boolean {
  try {
    return field(field(JSON.parse(text), "tool"), "name") === "faultline";
  } catch {
    return false;
  }
}

/** The files by which the folder is known go last: an interrupted removal is finished by the next run. */
function reportFiles(folder: string): string[] {
  const others = REPORTERS.map(({ fileName }) => fileName).filter((name) => !ALWAYS_WRITTEN.includes(name));
  return [...others, ...ALWAYS_WRITTEN].map((name) => join(folder, name));
}

async function removeFile(path: string): Promise<void> {
  try {
    await refuseOther(path);
    await rm(path, { force: true });
  } catch (error) {
    throw new FaultlineError("REPORT_UNWRITABLE", `cannot replace ${path}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

async function newFolder(path: string): Promise<string> {
  for (let number = 1; ; number += 1) {
    const candidate = number === 1 ? path : `${path}-${number}`;
    try {
      await mkdir(candidate);
      return candidate;
    } catch (error) {
      if (!hasCode(error, "EEXIST")) throw error;
    }
  }
}
