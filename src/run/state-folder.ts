import { lstatSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { isAbsolute, join } from "node:path";
import { FaultlineError, messageOf } from "../support/errors.js";

type Environment = Readonly<Record<string, string | undefined>>;

/** Where runs of this user note what has to be undone: FAULTLINE_STATE_DIR, else XDG_STATE_HOME, else the temporary folder. */
function stateFolderPath(env: Environment): string {
  if (env.FAULTLINE_STATE_DIR) return env.FAULTLINE_STATE_DIR;
  // The XDG base directory specification: a relative path is to be ignored.
  if (env.XDG_STATE_HOME && isAbsolute(env.XDG_STATE_HOME)) return join(env.XDG_STATE_HOME, "faultline");
  return join(tmpdir(), `faultline-${process.getuid?.() ?? "user"}`);
}

/**
 * Makes sure that the folder is there and that nobody else can write to it: what its files list will be killed and
 * deleted.
 * @throws FaultlineError STATE_UNUSABLE
 */
export function openStateFolder(env: Environment): string {
  const folder = stateFolderPath(env);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const stat = lstatSync(folder);
    if (!stat.isDirectory()) throw new Error("it is not a folder");
    const uid = process.getuid?.();
    if (uid !== undefined && stat.uid !== uid) throw new Error(`it belongs to another user (${stat.uid})`);
    if (uid !== undefined && (stat.mode & 0o022) !== 0) throw new Error("others may write to it");
  } catch (error) {
    throw new FaultlineError(
      "STATE_UNUSABLE",
      `the state folder ${folder} cannot be used: ${messageOf(error)}`,
      {
        cause: error,
      },
    );
  }
  return folder;
}
