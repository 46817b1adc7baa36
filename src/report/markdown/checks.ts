/** What became of checks, as tables and lists. */

import { markdown, markdownCode } from "../escape.js";
import type { CheckRow } from "../shown/check-rows.js";
import { completionRows, looksText } from "../shown/completion-rows.js";
import { idCounts, idExamples } from "../shown/id-rows.js";
import { markdownMark } from "./mark.js";

/** @returns [] when there is none. */
export function checksInMarkdown(rows: readonly CheckRow[], durationS: number): string[] {
  if (rows.length === 0) return [];
  return [
    "| Check | Verdict | Expected | |",
    "| :-- | :-- | :-- | :-- |",
    ...rows.map(({ name, verdict, expect, reason, isInHeadline }) => {
      const told = isInHeadline ? "see above" : markdown(reason);
      return `| ${[markdown(name), markdownMark(verdict), markdownCode(expect), told].join(" | ")} |`;
    }),
    "",
    ...rows.flatMap(({ name, ids }) => (ids === null ? [] : renderIds(name, ids))),
    ...rows.flatMap(({ ids, completion }) =>
      completion === null ? [] : renderCompletion(ids?.request ?? "", completion, durationS),
    ),
    ...rows.flatMap(({ name, output }) =>
      output === null ? [] : [`- ${markdown(name)} printed: ${markdownCode(output.slice(-MOST_OUTPUT))}`, ""],
    ),
  ];
}

/** Examples of each kind: lost, duplicated, unexpected. */
const MOST_EXAMPLES = 3;

function renderIds(name: string, ids: NonNullable<CheckRow["ids"]>): string[] {
  const counts = idCounts(ids).map((each) => `${each.name} ${each.count}`);
  return [
    `- ${markdown(name)}: ${markdown(counts.join(" · "))}`,
    ...idExamples(ids, MOST_EXAMPLES).map(
      ({ kind, id, sent }) => `  - ${kind}: ${markdownCode(id)}, sent ${markdown(sent)}`,
    ),
    "",
  ];
}

/** From the answer to a request until its id was there. */
function renderCompletion(
  request: string,
  completion: NonNullable<CheckRow["completion"]>,
  durationS: number,
): string[] {
  return [
    `| ${markdown(request)}: there after | Acknowledged | Never | p50 | p95 | p99 | Longest |`,
    "| :-- | --: | --: | --: | --: | --: | --: |",
    ...completionRows(completion).map(
      ({ where, acknowledged, never, p50, p95, p99, max }) =>
        `| ${[markdown(where), acknowledged, never, p50, p95, p99, max].join(" | ")} |`,
    ),
    "",
    `<sub>${markdown(looksText(completion, durationS))}</sub>`,
    "",
  ];
}

/** Characters of what a check printed that could not be asked. */
const MOST_OUTPUT = 300;
