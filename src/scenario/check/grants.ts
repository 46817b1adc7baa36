import { realpathSync } from "node:fs";
import path from "node:path";
import { messageOf } from "../../support/errors.js";
import { shellWord } from "../../support/printable.js";
import type { Grants } from "../read/grants.js";
import type { TreePath } from "../text/tree.js";
import type { CheckContext } from "./context.js";

/** What an untrusted scenario may do only when the command line names it. */
export function checkGrants(context: CheckContext): void {
  const { untrusted } = context;
  if (untrusted === null) return;
  const { services = {}, checks = [], signals = {} } = context.parts.valid;
  for (const [name, service] of Object.entries(services)) {
    checkCommand(context, untrusted, { name, path: ["services", name], ...service });
  }
  for (const [index, check] of checks.entries()) {
    if (check?.run === undefined) continue;
    checkCommand(context, untrusted, { path: ["checks", index], ...check, name: check.name ?? "" });
  }
  for (const [name, signal] of Object.entries(signals)) {
    if (signal?.run === undefined) continue;
    checkCommand(context, untrusted, { ...signal, name, path: ["signals", name] });
  }
  const { socket } = context.parts.valid.load ?? {};
  if (socket === undefined) return;
  const real = realPath(context.pathAt(["load", "socket"], socket));
  if (untrusted.sockets.some((each) => realPath(path.resolve(context.cwd, each)) === real)) return;
  const help = `If it may be loaded, name it on the command line: --allow-socket ${socket}.`;
  context.diagnostics.error("untrusted", context.at("load", "socket"), `${REFUSED} no unix socket`, help);
}

const REFUSED = "a scenario that is not trusted gets";

/** A command of the scenario: of a service, a check or a signal. */
interface Command {
  readonly name: string;
  readonly path: TreePath;
  readonly shell?: boolean | undefined;
  readonly cwd?: string | undefined;
}

function checkCommand(context: CheckContext, { shell, run }: Grants, command: Command): void {
  const { name, path: at, cwd } = command;
  const isShell = command.shell === true;
  const mayRun = shell.includes(name) || (!isShell && run.includes(name));
  if (!mayRun) refuseCommand(context, name, at, isShell ? "--allow-shell" : "--allow-run");
  if (cwd !== undefined) checkFolder(context, [...at, "cwd"], cwd);
}

function refuseCommand(
  context: CheckContext,
  name: string,
  path: TreePath,
  flag: "--allow-run" | "--allow-shell",
): void {
  const [at, message] =
    flag === "--allow-run"
      ? [context.at(...path, "run"), "a scenario that is not trusted starts nothing"]
      : [context.at(...path, "shell"), `${REFUSED} no shell`];
  const help = `Its command is code of whoever wrote it, and would run as you. If it may: ${flag} ${shellWord(name)}.`;
  context.diagnostics.error("untrusted", at, message, help);
}

function checkFolder(context: CheckContext, at: TreePath, cwd: string): void {
  try {
    context.access.resolve(context.pathAt(at, cwd));
  } catch (error) {
    const help = "If it may run there, name the folder on the command line: --allow-read DIR.";
    context.diagnostics.error(
      "untrusted",
      context.at(...at),
      `cannot run in ${cwd}: ${messageOf(error)}`,
      help,
    );
  }
}

/** The real path. For a socket that does not exist yet: the path as it is. */
function realPath(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}
