import { accessSync, closeSync, constants, openSync, readSync, statSync } from "node:fs";
import { delimiter, resolve } from "node:path";
import type { ServiceSpec } from "../../plan/run-plan.js";
import { hasCode, messageOf } from "../../support/errors.js";
import type { AskedCommand } from "../../support/outside/ask-command.js";

/** A first line that names an interpreter is short. No more of the file is read. */
const FIRST_LINE_BYTES = 256;

/** Why the system did not start a service's program, as part of a message. `searchPath`: the PATH in which it was looked for. */
export function whyNotStarted(
  { cwd }: Pick<ServiceSpec, "cwd">,
  program: string,
  searchPath: string | undefined,
  error: unknown,
): string {
  // The system says ENOENT for a missing folder as well.
  if (!statSync(cwd, { throwIfNoEntry: false })?.isDirectory()) return `its folder ${cwd} does not exist`;
  if (hasCode(error, "EACCES")) return `"${program}" may not be executed`;
  if (!hasCode(error, "ENOENT")) return messageOf(error);
  const file = candidates(program, cwd, searchPath).find((path) =>
    statSync(path, { throwIfNoEntry: false })?.isFile(),
  );
  if (file === undefined) return `program "${program}" was not found (looked in ${lookedIn(program)})`;
  // The file is there, so its interpreter is what is missing.
  const firstLine = firstLineOf(file);
  const interpreter = /^#!\s*(\S+)/.exec(firstLine)?.[1];
  if (interpreter === undefined) {
    return `"${program}" is there, but not the loader that it names: is it built for another system?`;
  }
  const missing = `its interpreter "${interpreter}" was not found (first line of "${program}")`;
  const hasWindowsEnds = /\r\n?$/.test(firstLine);
  return hasWindowsEnds
    ? `${missing}: the line ends as on Windows (CRLF); save the script with Unix line ends (LF)`
    : missing;
}

/** Why a command that asks cannot be started. @returns null when its program is there, or a shell looks for it. */
export function whyNoProgram(
  { command, shell, env, cwd }: AskedCommand,
  inherited: Readonly<Record<string, string | undefined>>,
): string | null {
  const [program = ""] = command;
  const searchPath = env.PATH ?? inherited.PATH;
  if (shell || findProgram(program, cwd, searchPath) !== null) return null;
  return whyNotStarted({ cwd }, program, searchPath, Object.assign(new Error(), { code: "ENOENT" }));
}

/** The path of the program's file. @returns null when there is none that may be executed. */
export function findProgram(program: string, cwd: string, searchPath: string | undefined): string | null {
  return candidates(program, cwd, searchPath).find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function candidates(program: string, cwd: string, searchPath: string | undefined): string[] {
  if (program.includes("/")) return [resolve(cwd, program)];
  const folders = (searchPath ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders.map((folder) => resolve(cwd, folder, program));
}

/** The first line, with its line end. "" when the file cannot be read. */
function firstLineOf(file: string): string {
  try {
    const opened = openSync(file, "r");
    try {
      const bytes = Buffer.alloc(FIRST_LINE_BYTES);
      const text = bytes.toString("latin1", 0, readSync(opened, bytes, 0, FIRST_LINE_BYTES, 0));
      return /^[^\n]*\n?/.exec(text)?.[0] ?? "";
    } finally {
      closeSync(opened);
    }
  } catch {
    return "";
  }
}

function lookedIn(program: string): string {
  return program.includes("/") ? "that path, taken from the scenario's folder" : "PATH";
}
