import type { Command } from "commander";
import { registerCompare } from "./compare.js";
import { registerHeal } from "./heal.js";
import { registerHistory } from "./history.js";
import { registerInit } from "./init.js";
import type { Io } from "./io.js";
import { registerProxy } from "./proxy.js";
import { registerReport } from "./report.js";
import { registerRun } from "./run.js";
import { registerValidate } from "./validate.js";

/** Adds one command to the program. `done` takes the exit code. Engines are imported inside the action, not before. */
export type RegisterCommand = (program: Command, io: Io, done: (exitCode: number) => void) => void;

/** One file per command, in the order of --help. */
export const COMMANDS: readonly RegisterCommand[] = [
  registerRun,
  registerValidate,
  registerInit,
  registerReport,
  registerCompare,
  registerHistory,
  registerHeal,
  registerProxy,
];
