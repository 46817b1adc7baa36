import { githubReporter } from "../../report/formats/github.js";
import type { Reporter } from "../../report/reporter.js";
import { harmlessIo } from "../process/harmless-io.js";
import { colorFor, type Io } from "../process/io.js";
import { progressReporter } from "./progress.js";

/** Makes a reporter for one run, with the process that it writes to. */
type LiveReporter = (io: Io, flags: { readonly color?: boolean }) => Reporter;

/** Reporters of every run of the command line, in order. */
const LIVE_REPORTERS: readonly LiveReporter[] = [
  (io, flags) => progressReporter(io, { color: colorFor(io.stderr, io, flags) }),
  (io) => githubReporter({ env: io.env, cwd: io.cwd, write: harmlessIo(io).command }),
];

export function liveReporters(...surroundings: Parameters<LiveReporter>): readonly Reporter[] {
  return LIVE_REPORTERS.map((make) => make(...surroundings));
}
