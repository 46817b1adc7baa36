import { realpathSync } from "node:fs";
import path from "node:path";
import { messageOf } from "../../support/errors.js";
import type { CheckContext } from "./context.js";

/** What an untrusted scenario may do only when the command line names it. */
export function checkGrants(context: CheckContext): void {
  const { untrusted } = context;
  if (untrusted === null) return;
  for (const [name, service] of Object.entries(context.parts.sound.services ?? {})) {
    const isShell = service?.shell === true;
    const mayRun = untrusted.shell.includes(name) || (!isShell && untrusted.run.includes(name));
    if (!mayRun) refuseService(context, name, isShell ? "--allow-shell" : "--allow-run");
    if (service?.cwd !== undefined) checkFolder(context, name, service.cwd);
  }
  const { socket } = context.parts.sound.load ?? {};
  if (socket === undefined) return;
  const real = realPath(context.pathAt(["load", "socket"], socket));
  if (untrusted.sockets.some((each) => realPath(path.resolve(context.cwd, each)) === real)) return;
  const help = `If it may be loaded, name it on the command line: --allow-socket ${socket}.`;
  context.diagnostics.error("untrusted", context.at("load", "socket"), `${REFUSED} no unix socket`, help);
}

const REFUSED = "a scenario that is not trusted gets";

function refuseService(context: CheckContext, name: string, flag: "--allow-run" | "--allow-shell"): void {
  const [at, message] =
    flag === "--allow-run"
      ? [context.at("services", name, "run"), "a scenario that is not trusted starts nothing"]
      : [context.at("services", name, "shell"), `${REFUSED} no shell`];
  const help = `Its command is code of whoever wrote it, and would run as you. If it may: ${flag} ${name}.`;
  context.diagnostics.error("untrusted", at, message, help);
}

function checkFolder(context: CheckContext, name: string, cwd: string): void {
  const at = ["services", name, "cwd"];
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
