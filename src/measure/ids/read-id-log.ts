import { createReadStream } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { NotedId } from "../../plan/load-plan.js";
import { hasCode } from "../../support/errors.js";
import { ID_LOG_FORMAT, ID_LOG_VERSION, type IdEntry, isIdFile, parseIdLine } from "./id-log.js";

/** The ids of a run are not there, or not as this version writes them. */
export class NoIdLog extends Error {}

/**
 * Hands over each line of a run's ids. The last line of a run that was killed may be cut, and is left out.
 * @param folder where the threads' files are.
 * @returns what the ids are for; entries name it by its number.
 * @throws NoIdLog
 */
export async function readIdLog(folder: string, take: (entry: IdEntry) => void): Promise<readonly NotedId[]> {
  const files = await readdir(folder).catch((error) => {
    if (hasCode(error, "ENOENT")) return [];
    throw error;
  });
  let noted: readonly NotedId[] = [];
  let isFound = false;
  for (const name of files.filter(isIdFile).sort()) {
    let isFirst = true;
    for await (const line of linesOf(join(folder, name))) {
      if (isFirst) noted = readHead(line, name);
      else {
        const entry = parseIdLine(line);
        if (entry !== null) take(entry);
      }
      isFirst = false;
      isFound = true;
    }
  }
  if (!isFound) throw new NoIdLog(`${folder} holds no ids of a run`);
  return noted;
}

function readHead(line: string, name: string): readonly NotedId[] {
  const head: unknown = parsed(line);
  if (typeof head !== "object" || head === null)
    throw new NoIdLog(`${name} does not begin as ids of a run do`);
  const { format, formatVersion, of } = head as Readonly<Record<string, unknown>>;
  if (format !== ID_LOG_FORMAT || formatVersion !== ID_LOG_VERSION || !Array.isArray(of)) {
    throw new NoIdLog(`${name} does not begin as ids of a run do`);
  }
  return of.map((each) => ({ request: String(each?.request), id: String(each?.id) }));
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

/** Whole lines only. */
async function* linesOf(path: string): AsyncGenerator<string> {
  let rest = "";
  for await (const piece of createReadStream(path, { encoding: "utf8", highWaterMark: 1 << 20 })) {
    const lines = `${rest}${piece}`.split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}
