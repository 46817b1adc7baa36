import { oneLine } from "../../report/escape.js";
import type { Debrief } from "../facts/debrief.js";

/**
 * actions.proposed.yaml: what the day has found, in the form of the team's own file. Texts are JSON strings, which YAML
 * reads the same.
 * @returns null when nothing new was found.
 */
export function proposedActions({ day, found }: Debrief): string | null {
  if (found.length === 0) return null;
  const text = (value: string) => JSON.stringify(oneLine(value));
  const items = found.flatMap(({ id, what, owner, scenario, fault }) => [
    `  - id: ${text(id)}`,
    `    what: ${text(what)}`,
    owner === null ? "    # owner:" : `    owner: ${text(owner)}`,
    "    # due: 2026-12-31",
    "    # ticket:",
    "    status: open",
    `    scenario: ${text(scenario)}`,
    ...(fault === null ? [] : [`    fault: ${text(fault)}`]),
  ]);
  return [
    `# Found by the exercise ${oneLine(day.exerciseId)}. Copy what you want to keep into actions.yaml beside the game day.`,
    "# When it is done, write status: mended: the next game day runs it again, and closes it or opens it.",
    "actions: 1",
    "items:",
    ...items,
    "",
  ].join("\n");
}
