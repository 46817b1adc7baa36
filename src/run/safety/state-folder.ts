import { lstatSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { isAbsolute, join } from "node:path";
import { FaultlineError, messageOf } from "../../support/errors.js";
import { whyReplaceable } from "./replaceable-folder.js";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Where runs of this user note what has to be undone: FAULTLINE_STATE_DIR, else XDG_STATE_HOME, else the temporary
 * folder.
 */
function stateFolderPath(env: Environment): string {
  if (env.FAULTLINE_STATE_DIR) return env.FAULTLINE_STATE_DIR;
  // The XDG base directory specification: a relative path is to be ignored.
  if (env.XDG_STATE_HOME && isAbsolute(env.XDG_STATE_HOME)) return join(env.XDG_STATE_HOME, "faultline");
  return join(tmpdir(), `faultline-${process.getuid?.() ?? "user"}`);
}

/**
 * Makes sure that the folder exists and that nobody else can write to it: what its files list will be killed and
 * deleted.
 * @throws FaultlineError STATE_UNUSABLE.
 */
export function openStateFolder(env: Environment): string {
  const folder = stateFolderPath(env);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    // Something else is there. The error below tells it better.
    if (!lstatSync(folder, { throwIfNoEntry: false })) throw unusable(folder, messageOf(error));
  }
  // The journals lie one below.
  for (const path of [folder, join(folder, "runs")]) {
    const why = whyNotOwn(path);
    if (why !== null) throw unusable(path, why);
  }
  const replaceable = whyReplaceable(folder);
  if (replaceable !== null) throw unusable(folder, `${replaceable}; ${USE_ANOTHER}`);
  return folder;
}

/**
 * Why others could put something into the folder, with what to do about it.
 * @returns null when nobody else can, or when the folder does not exist.
 */
function whyNotOwn(path: string): string | null {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat) return null;
  const uid = process.getuid?.();
  if (stat.isSymbolicLink()) return `it is a link, which could lead to any folder; ${USE_ANOTHER}`;
  if (!stat.isDirectory()) return `it is not a folder; ${USE_ANOTHER}`;
  if (uid === undefined) return null;
  if (stat.uid !== uid) return `it belongs to another user (${stat.uid}); ${USE_ANOTHER}`;
  if ((stat.mode & 0o022) === 0) return null;
  return `others may write to it; remove what is not yours in it, then run: chmod go-w ${path}`;
}

/** The advice covers all that this user starts: `heal` finds only what lies in the folder that it is told. */
const USE_ANOTHER =
  'name one that only you can write to, for runs and for heal alike: export FAULTLINE_STATE_DIR="$HOME/.local/state/faultline"';

function unusable(path: string, why: string): FaultlineError {
  return new FaultlineError("STATE_UNUSABLE", `the state folder ${path} cannot be used: ${why}`);
}
