import { statSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import type { Grants } from "../../scenario/read/grants.js";
import { FaultlineError } from "../../support/errors.js";
import type { Io } from "../process/io.js";
import { collect } from "./option-values.js";

/** Options for a scenario whose author is not trusted. */
export interface TrustFlags {
  readonly untrusted?: boolean;
  readonly allowEnv?: readonly string[];
  readonly allowRun?: readonly string[];
  readonly allowShell?: readonly string[];
  readonly allowSocket?: readonly string[];
  readonly allowDocker?: readonly string[];
  readonly allowKubernetes?: readonly string[];
  readonly allowRead?: readonly string[];
}

/** Switches it on when a pipeline cannot change the command line. */
const VARIABLE = "FAULTLINE_UNTRUSTED";

export function addTrustOptions(command: Command): Command {
  return command
    .option("--untrusted", `do only what the command line names (also: ${VARIABLE}=1)`)
    .option("--allow-env <name>", "untrusted: give it this variable of the environment (repeatable)", collect)
    .option("--allow-run <service>", "untrusted: let this service start (repeatable)", collect)
    .option(
      "--allow-shell <service>",
      "untrusted: let this service start, with a shell (repeatable)",
      collect,
    )
    .option(
      "--allow-socket <path>",
      "untrusted: let this unix socket be loaded, or be its Docker engine (repeatable)",
      collect,
    )
    .option(
      "--allow-docker <name>",
      "untrusted: let faults act on this compose service (NAME or PROJECT/NAME), container:NAME or swarm:NAME (repeatable)",
      collect,
    )
    .option(
      "--allow-kubernetes <where>",
      "untrusted: let faults act in this namespace, on node/NAME, or with image/NAME or JVMChaos (repeatable)",
      collect,
    )
    .option("--allow-read <dir>", "untrusted: let files below this folder be read (repeatable)", collect);
}

/** @returns null when scenarios are trusted; then the other options say nothing. @throws USAGE. */
export function grantsOf(flags: TrustFlags, { env, cwd }: Pick<Io, "env" | "cwd">): Grants | null {
  const grants: Grants = {
    env: flags.allowEnv ?? [],
    run: flags.allowRun ?? [],
    shell: flags.allowShell ?? [],
    sockets: flags.allowSocket ?? [],
    docker: flags.allowDocker ?? [],
    kubernetes: flags.allowKubernetes ?? [],
    folders: flags.allowRead ?? [],
  };
  refuse(
    "--allow-env",
    grants.env.find((name) => !/^[A-Za-z_]\w*$/.test(name)),
    "the name of a variable",
  );
  refuse(
    "--allow-read",
    grants.folders.find(
      (folder) => !statSync(resolve(cwd, folder), { throwIfNoEntry: false })?.isDirectory(),
    ),
    "a folder that is there",
  );
  return isSwitchedOn(flags, env) ? grants : null;
}

function refuse(option: string, value: string | undefined, expected: string): void {
  if (value !== undefined)
    throw new FaultlineError("USAGE", `${option}: expected ${expected}, not "${value}"`);
}

/** An unknown value is refused: a slip must not make a stranger's scenario trusted. */
function isSwitchedOn(flags: TrustFlags, env: Io["env"]): boolean {
  const asked = (env[VARIABLE] ?? "").toLowerCase();
  if (!["", "0", "false", "1", "true"].includes(asked)) {
    throw new FaultlineError("USAGE", `${VARIABLE}: expected 1 or 0, not "${asked}"`);
  }
  return flags.untrusted === true || asked === "1" || asked === "true";
}
