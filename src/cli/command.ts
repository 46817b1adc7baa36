import type { Command } from "commander";
import type { Io } from "./process/io.js";

/** Adds one command to the program. `done` takes the exit code. Engines are imported inside the action, not before. */
export type RegisterCommand = (program: Command, io: Io, done: (exitCode: number) => void) => void;
