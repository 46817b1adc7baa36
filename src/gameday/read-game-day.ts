import path from "node:path";
import type { Diagnostics } from "../scenario/diagnostics/diagnostic.js";
import { reportIssues } from "../scenario/diagnostics/schema-issues.js";
import { FileAccess } from "../scenario/read/file-access.js";
import { readVars } from "../scenario/read/overrides.js";
import { readSource } from "../scenario/read/read-source.js";
import { parseYaml } from "../scenario/read/yaml.js";
import type { Source, Span } from "../scenario/text/source.js";
import { plainValue, spanAt, type TreeNode } from "../scenario/text/tree.js";
import { secretsIn } from "../scenario/values/secrets.js";
import { substitute } from "../scenario/values/substitute.js";
import { FaultlineError } from "../support/errors.js";
import { actionsFileOf } from "./actions/actions-file-of.js";
import type { ActionsFile } from "./actions/read-actions.js";
import { checkGameDay } from "./check-game-day.js";
import { GAME_DAY_FORMAT } from "./game-day-format.js";
import type { QuietWindow } from "./quiet/quiet-window.js";
import { type GameDayData, gameDaySchema } from "./schema/game-day.js";
import { shownPath } from "./shown-path.js";

/** A game day, with everything read that belongs to it but its scenarios. */
export interface GameDay {
  /** As the user named it. */
  readonly file: string;
  /** The same, absolute. */
  readonly path: string;
  /** Absolute. */
  readonly folder: string;
  /** Of the file's bytes. */
  readonly sha256: string;
  readonly data: GameDayData;
  readonly quiet: readonly QuietWindow[];
  /** What the team wants to change; null: it keeps no such file. */
  readonly actions: ActionsFile | null;
  /** Its scenarios' files, as a user in the current folder names them. */
  readonly scenarios: readonly string[];
  /** Absolute; its own file and those that it names, beside the scenarios. */
  readonly files: readonly string[];
  /** Values from outside that must not be shown. */
  readonly secrets: readonly string[];
  /** Where a part of it stands. */
  readonly placeOf: (...at: readonly (string | number)[]) => Span;
}

export interface ReadGameDayOptions {
  /** --var name=value */
  readonly vars?: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Relative file names count from here. */
  readonly cwd: string;
  /** Events of calendars are followed from here on. */
  readonly nowMs: number;
}

/**
 * Reads a game day and checks what it says. Its scenarios are not read. What is wrong inside is told to `diagnostics`.
 * @returns null when its form is not that of a game day; what is right in form may still be wrong in what it says.
 * @throws FaultlineError FILE_NOT_FOUND, FILE_UNREADABLE for the file itself
 */
export async function readGameDay(
  file: string,
  options: ReadGameDayOptions,
  diagnostics: Diagnostics,
): Promise<GameDay | null> {
  const absolute = path.resolve(options.cwd, file);
  const { source, sha256 } = await readSource(absolute, file, FileAccess.everywhere(), "a game day");
  const parsed = parseYaml(source, diagnostics);
  if (!parsed) return null;
  if (parsed.kind !== "map") {
    diagnostics.error("yaml", parsed.span, "a game day is a map of keys", "Begin with `gameday: 1`.");
    return null;
  }
  const vars = readVars(options.vars ?? [], source.folder, diagnostics);
  const { tree, secrets } = substitute(parsed, vars, options.env, diagnostics);
  const checked = gameDaySchema.safeParse(plainValue(tree));
  if (!checked.success) {
    reportIssues(checked.error.issues, GAME_DAY_FORMAT, tree, diagnostics);
    return null;
  }
  checkGameDay(checked.data, tree, diagnostics);
  const reading = { tree, folder: source.folder, cwd: options.cwd, nowMs: options.nowMs, diagnostics };
  const { quiet, files } = await readQuiet(checked.data, reading);
  const actions = await readItsActions(checked.data, reading);
  return {
    file,
    path: absolute,
    folder: source.folder,
    sha256,
    data: checked.data,
    quiet,
    actions,
    scenarios: checked.data.scenarios.map((name) =>
      shownPath(path.resolve(source.folder, name), options.cwd),
    ),
    // actions.yaml that is there by chance is read when a day begins, and does not go where the game day goes.
    files: [absolute, ...files, ...(checked.data.actions === undefined || !actions ? [] : [actions.path])],
    secrets: [...secrets, ...secretsIn(options.env), ...webhooks(checked.data)],
    placeOf: (...at) => spanAt(tree, at),
  };
}

/** A webhook's URL is all that one needs to write to the channel behind it. */
function webhooks({ notify }: GameDayData): readonly string[] {
  return notify.flatMap(({ webhook }) => webhook ?? []);
}

interface Reading {
  readonly tree: TreeNode;
  readonly folder: string;
  readonly cwd: string;
  readonly nowMs: number;
  readonly diagnostics: Diagnostics;
}

async function readItsActions(
  data: GameDayData,
  { tree, folder, cwd, diagnostics }: Reading,
): Promise<ActionsFile | null> {
  try {
    return await actionsFileOf({ data, folder }, cwd, diagnostics);
  } catch (error) {
    if (!(error instanceof FaultlineError)) throw error;
    const help = "A path is relative to the file that it is written in.";
    diagnostics.error("file", spanAt(tree, ["actions"]), error.message, help);
    return null;
  }
}

/** The rules, and the events of the calendars. */
async function readQuiet(
  { quiet }: GameDayData,
  reading: Reading,
): Promise<{ readonly quiet: readonly QuietWindow[]; readonly files: readonly string[] }> {
  const windows: QuietWindow[] = [];
  const files: string[] = [];
  for (const [index, entry] of quiet.entries()) {
    if ("kind" in entry) windows.push(entry);
    else {
      const absolute = path.resolve(reading.folder, entry.ical);
      files.push(absolute);
      windows.push(...(await readEvents(absolute, spanAt(reading.tree, ["quiet", index, "ical"]), reading)));
    }
  }
  return { quiet: windows, files };
}

async function readEvents(absolute: string, place: Span, reading: Reading): Promise<readonly QuietWindow[]> {
  const { diagnostics, nowMs, cwd } = reading;
  const name = shownPath(absolute, cwd);
  // Its library takes longer to load than all the rest, and most game days name no calendar.
  const { CalendarProblem, readCalendar } = await import("./quiet/read-calendar.js");
  let source: Source | null = null;
  try {
    source = (await readSource(absolute, name, FileAccess.everywhere(), "a calendar")).source;
    return readCalendar(source.text, nowMs);
  } catch (error) {
    if (error instanceof FaultlineError) {
      const help = "A path is relative to the file that it is written in.";
      diagnostics.error("file", place, error.message, help);
    } else if (error instanceof CalendarProblem && source !== null) {
      const message = `not a valid calendar: ${error.message}`;
      diagnostics.error(
        "file",
        placeIn(source, error.quoted),
        message,
        "Export it again as iCalendar (.ics).",
      );
      diagnostics.error("file", place, `${name} cannot be used`);
    } else throw error;
    return [];
  }
}

/** What is quoted may have been folded over several lines, or normalised: then it is the whole file that is meant. */
function placeIn(source: Source, quoted: string | null): Span {
  const start = quoted === null ? -1 : source.text.indexOf(quoted);
  if (start < 0 || quoted === null) return { source, start: 0, end: source.line(1).length };
  return { source, start, end: start + quoted.length };
}
