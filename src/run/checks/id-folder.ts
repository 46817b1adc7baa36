import { mkdir, readdir, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { ID_FOLDER, isIdFile } from "../../measure/ids/id-log.js";
import { FaultlineError, messageOf } from "../../support/errors.js";

/** Makes the folder for ids in that of a run, and removes the ids of an earlier run in it. @throws REPORT_UNWRITABLE. */
export async function makeIdFolder(runFolder: string): Promise<string> {
  const folder = join(runFolder, ID_FOLDER);
  try {
    await mkdir(folder, { recursive: true });
    await removeFiles(folder);
    return folder;
  } catch (error) {
    throw new FaultlineError(
      "REPORT_UNWRITABLE",
      `the folder ${folder} for ids cannot be used: ${messageOf(error)}`,
      {
        cause: error,
      },
    );
  }
}

/** Files of others stay, and the folder with them. */
export async function removeIdFolder(folder: string): Promise<void> {
  await removeFiles(folder);
  await rmdir(folder).catch(() => {});
}

async function removeFiles(folder: string): Promise<void> {
  const names = await readdir(folder);
  await Promise.all(names.filter(isIdFile).map((name) => rm(join(folder, name), { force: true })));
}
