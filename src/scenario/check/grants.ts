import { realpathSync } from "node:fs";
import path from "node:path";
import type { FaultKind } from "../../faults/fault-kind.js";
import { parseEngineAddress } from "../../faults/kinds/docker/engine-address.js";
import { FAULT_KINDS } from "../../faults/kinds/index.js";
import type { ValidParts } from "../../quantities/valid-parts.js";
import { messageOf } from "../../support/errors.js";
import { shellWord } from "../../support/printable.js";
import type { Grants } from "../read/grants.js";
import type { FaultInput, InjectionInput } from "../schema/fault.js";
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
  if (socket !== undefined)
    checkSocket(context, untrusted, ["load", "socket"], context.pathAt(["load", "socket"], socket), socket);
  const engine = parseEngineAddress(context.parts.valid.docker?.host ?? "");
  if (engine?.kind === "unix") checkSocket(context, untrusted, ["docker", "host"], engine.path, engine.path);
  if (engine?.kind === "tcp" && !context.allowHosts.includes(engine.address.host)) {
    const help = `An engine's caller is root on its machine. If it may be used, name its host on the command line: --allow-host ${engine.address.host}.`;
    const message = `${REFUSED} no Docker engine of its own`;
    context.diagnostics.error("untrusted", context.at("docker", "host"), message, help);
  }
  for (const [index, fault] of (context.parts.valid.faults ?? []).entries())
    if (fault) checkFaultGrants(context, untrusted, fault, ["faults", index]);
}

/** `written`: the path as the scenario has it. */
function checkSocket(
  context: CheckContext,
  { sockets }: Grants,
  at: TreePath,
  file: string,
  written: string,
): void {
  const real = realPath(file);
  if (sockets.some((each) => realPath(path.resolve(context.cwd, each)) === real)) return;
  const help = `If it may be used, name it on the command line: --allow-socket ${written}.`;
  context.diagnostics.error("untrusted", context.at(...at), `${REFUSED} no unix socket`, help);
}

type Deeds = ValidParts<InjectionInput> & Pick<ValidParts<FaultInput>, "inject" | "stages">;

/** What a fault does to things that are not of the run alone, in all its parts. */
function checkFaultGrants(context: CheckContext, untrusted: Grants, fault: Deeds, path: TreePath): void {
  for (const kind of FAULT_KINDS) {
    const { needsGrant, name: key }: FaultKind = kind;
    const needed = needsGrant?.(fault) ?? null;
    if (needed === null) continue;
    const project = needed.isOfProject ? context.parts.valid.docker?.project : undefined;
    const name = project === undefined ? needed.name : `${project}/${needed.name}`;
    if (untrusted.docker.includes(name)) continue;
    const help = `Who may do something to a container may do much to its machine. If it may: ${needed.option} ${shellWord(name)}.`;
    const message = `a scenario that is not trusted does nothing to \`${name}\``;
    context.diagnostics.error("untrusted", context.key(...path, key), message, help);
  }
  for (const list of ["inject", "stages"] as const) {
    for (const [index, part] of (fault[list] ?? []).entries())
      if (part) checkFaultGrants(context, untrusted, part, [...path, list, index]);
  }
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
