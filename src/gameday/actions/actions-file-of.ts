import path from "node:path";
import type { Diagnostics } from "../../scenario/diagnostics/diagnostic.js";
import type { GameDayData } from "../schema/game-day.js";
import { shownPath } from "../shown-path.js";
import { ACTIONS_FILE, type ActionsFile, isActionsFile, readActions } from "./read-actions.js";

/**
 * The action items of a game day: in the file that it names, else in actions.yaml beside it, where there is one. What is
 * wrong inside is told to `diagnostics`.
 * @returns null when there are none, or their form is wrong.
 * @throws FaultlineError FILE_NOT_FOUND, FILE_UNREADABLE
 */
export async function actionsFileOf(
  { data, folder }: { readonly data: GameDayData; readonly folder: string },
  cwd: string,
  diagnostics: Diagnostics,
): Promise<ActionsFile | null> {
  const absolute = path.resolve(folder, data.actions ?? ACTIONS_FILE);
  if (data.actions === undefined && !(await isActionsFile(absolute))) return null;
  return await readActions(absolute, shownPath(absolute, cwd), diagnostics);
}
