import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { ServiceOutput } from "../run/services/services.js";
import { writeWhole } from "../support/write-whole.js";

/** The sub-folder of a run's folder. */
const FOLDER = "services";
const ENDING = ".log";

/** Writes services/NAME.log for each service. @throws FaultlineError REPORT_UNWRITABLE. */
export async function writeServiceOutputs(folder: string, outputs: readonly ServiceOutput[]): Promise<void> {
  for (const { service, text } of outputs)
    await writeWhole(join(folder, FOLDER, `${service}${ENDING}`), text);
}

/** Paths of those that an earlier run has written there. */
export async function earlierServiceOutputs(folder: string): Promise<readonly string[]> {
  const names = await readdir(join(folder, FOLDER)).catch(() => []);
  return names.filter((name) => name.endsWith(ENDING)).map((name) => join(folder, FOLDER, name));
}
