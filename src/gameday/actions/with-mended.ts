import path from "node:path";
import type { GameDay } from "../read-game-day.js";
import { shownPath } from "../shown-path.js";
import { type ActionsFile, scenarioOf } from "./read-actions.js";

/** A game day that also runs, behind its own scenarios, those of items that were declared mended. */
export function withMended(gameDay: GameDay, actions: ActionsFile | null, cwd: string): GameDay {
  const { data, folder } = gameDay;
  const known = new Set(data.scenarios.map((name) => path.resolve(folder, name)));
  const added: string[] = [];
  for (const item of actions?.items ?? []) {
    const name = item.status === "mended" ? scenarioOf(item, actions?.path ?? "", folder) : null;
    if (name === null || known.has(path.resolve(folder, name))) continue;
    known.add(path.resolve(folder, name));
    added.push(name);
  }
  if (added.length === 0) return gameDay;
  return {
    ...gameDay,
    data: { ...data, scenarios: [...data.scenarios, ...added] },
    scenarios: [...gameDay.scenarios, ...added.map((name) => shownPath(path.resolve(folder, name), cwd))],
  };
}
