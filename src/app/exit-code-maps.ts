import type { ReportChoice } from "../report/write-reports.js";
import { EXIT, FaultlineError } from "../support/errors.js";

/** A reader of exit codes, and what it takes them for. */
interface ExitCodeMap {
  /** New exit codes for those of a judgement. Codes that are not listed stay as they are. */
  readonly codes: Readonly<Record<number, number>>;
  /** Commands that have this map. */
  readonly of: readonly Command[];
  /** The map lets a run through that only the verdict itself stops. So somebody must read the verdict, too. */
  readonly needsVerdict: boolean;
}

type Command = "run" | "gate" | "verdict";

/**
 * One line for each reader.
 * - argo: a job metric of Argo Rollouts knows success and failure, and a failure rolls back. An undecided run must not:
 *   the web metric beside it reads the verdict and is inconclusive, which pauses.
 * - flagger-rollback: a webhook of Flagger of the type `rollback` rolls back when it succeeds.
 */
export const EXIT_CODE_MAPS: Readonly<Record<string, ExitCodeMap>> = {
  argo: { codes: { [EXIT.undecided]: EXIT.ok }, of: ["run", "gate", "verdict"], needsVerdict: true },
  "flagger-rollback": {
    codes: { [EXIT.ok]: EXIT.sloBroken, [EXIT.sloBroken]: EXIT.ok },
    of: ["gate", "verdict"],
    needsVerdict: false,
  },
};

export function exitCodeMapsOf(command: Command): readonly string[] {
  return Object.keys(EXIT_CODE_MAPS).filter((name) => EXIT_CODE_MAPS[name]?.of.includes(command));
}

/** @param map null: the exit code stays as it is. */
export function mappedExitCode(exitCode: number, map: string | null): number {
  const codes: Readonly<Record<number, number>> = (map !== null && EXIT_CODE_MAPS[map]?.codes) || {};
  return codes[exitCode] ?? exitCode;
}

/** What is said beside an exit code that a map has changed. @returns null when it has not. */
export function describeMapped(exitCode: number, map: string | null): string | null {
  const mapped = mappedExitCode(exitCode, map);
  return mapped === exitCode ? null : `Exit code ${mapped} instead of ${exitCode}, for --exit-codes ${map}.`;
}

/** @throws FaultlineError USAGE: nobody could read the verdict of this run. */
export function refuseUnreadVerdict(
  map: string | undefined,
  run: { readonly files: readonly ReportChoice[]; readonly several: boolean },
): void {
  if (map === undefined || !EXIT_CODE_MAPS[map]?.needsVerdict) return;
  if (run.several) throw new FaultlineError("USAGE", `--exit-codes ${map} is for one scenario`);
  if (run.files.some(({ reporter }) => reporter.name === "verdict")) return;
  throw new FaultlineError(
    "USAGE",
    `--exit-codes ${map} exits 0 when nothing was decided, so the verdict must be read as well: add --reporter json,verdict=FILE, and read its "decision"`,
  );
}

/** The same for a command that prints the verdict. @throws FaultlineError USAGE. */
export function refuseUnprintedVerdict(map: string | undefined, isPrinted: boolean): void {
  if (map === undefined || !EXIT_CODE_MAPS[map]?.needsVerdict || isPrinted) return;
  throw new FaultlineError(
    "USAGE",
    `--exit-codes ${map} exits 0 when nothing was decided, so the verdict must be read as well: add --json`,
  );
}
