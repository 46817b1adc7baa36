import { lstat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { debriefOf } from "../../debrief/facts/debrief.js";
import type { DayBefore } from "../../debrief/facts/earlier-days.js";
import { renderDebriefHtml } from "../../debrief/shown/debrief-html.js";
import { renderDebriefMarkdown } from "../../debrief/shown/debrief-markdown.js";
import { proposedActions } from "../../debrief/shown/proposed-actions.js";
import type { GameDayReport } from "../../gameday/report/game-day-report.js";
import { writeWhole } from "../../support/write-whole.js";
import { type PastDay, pastDaysBeside } from "./past-days.js";

export const DEBRIEF_PAGE = "debrief.html";
const DEBRIEF_TEXT = "debrief.md";
const PROPOSED_ACTIONS = "actions.proposed.yaml";

/**
 * Writes debrief.html, debrief.md and the proposed action items of a game day whose folder is complete.
 * @param folder of the day, absolute.
 * @param out where the pages go, absolute.
 * @returns their paths.
 * @throws FaultlineError REPORT_UNWRITABLE
 */
export async function writeDebrief(
  report: GameDayReport,
  folder: string,
  out = folder,
): Promise<readonly string[]> {
  const past = await pastDaysBeside(folder, report.name);
  const earlier = await Promise.all(past.map((day) => asBefore(day, out)));
  const debrief = debriefOf(report, earlier);
  const reportPath = (own: string) => pathFrom(out, join(folder, own, "report.html"));
  const pages = [
    [DEBRIEF_PAGE, renderDebriefHtml(debrief, reportPath)],
    [DEBRIEF_TEXT, renderDebriefMarkdown(debrief, reportPath)],
    [PROPOSED_ACTIONS, proposedActions(debrief)],
  ] as const;
  const written: string[] = [];
  for (const [name, text] of pages) {
    if (text === null) continue;
    const path = join(out, name);
    await writeWhole(path, text);
    written.push(path);
  }
  return written;
}

async function asBefore({ report, folder }: PastDay, out: string): Promise<DayBefore> {
  const page = join(folder, DEBRIEF_PAGE);
  const isThere = await lstat(page).then(
    (found) => found.isFile(),
    () => false,
  );
  return { day: report, page: isThere ? pathFrom(out, page) : null };
}

/** A relative path for a link, without characters that mean something to a browser. */
function pathFrom(folder: string, target: string): string {
  const parts = relative(folder, target).split(sep);
  return parts.map((part) => (part === ".." ? part : encodeURIComponent(part))).join("/");
}
