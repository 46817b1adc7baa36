import { resolve } from "node:path";
import { readRun } from "../analysis/read-run.js";
import { decisionsText } from "../app/decidable-slos.js";
import { refuseUnreadVerdict } from "../app/exit-code-maps.js";
import { removeEarlierReports } from "../app/report-folder.js";
import { batchOutcome, type ScenarioResult } from "../app/run-outcome.js";
import { scenarioFiles } from "../app/scenario-files.js";
import type { LivePage } from "../live/live-page.js";
import { dryRunText } from "../plan/dry-run-text.js";
import { LONGEST_DURATION, parseDuration } from "../quantities/units.js";
import { DEFAULT_FAIL_ON, parseFailOn } from "../report/fail-on.js";
import { parseReporters } from "../report/parse-reporters.js";
import type { ReportChoice } from "../report/write-reports.js";
import { EXIT, FaultlineError, worstExit } from "../support/errors.js";
import { harmlessJson, oneLine } from "../support/printable.js";
import { redact } from "../support/redact.js";
import type { RunFlags } from "./options/run-flags.js";
import { grantsOf } from "./options/trust-options.js";
import { workersChoice } from "./options/workers-choice.js";
import { openLivePage, uiAddressOf } from "./output/open-live-page.js";
import { interruptOf } from "./process/interrupt.js";
import type { Io } from "./process/io.js";
import { runAndPrint } from "./run-and-print.js";
import { type ScenarioToRun, scenarioToRun } from "./scenario-to-run.js";

/** Runs the scenarios one after another, or none when one of them cannot be run. Resolves with the worst exit code. */
export async function runScenarios(paths: readonly string[], flags: RunFlags, io: Io): Promise<number> {
  const isTrusted = grantsOf(flags, io) === null;
  const onShipped = (path: string) =>
    void io.stderr.write(`${path} is not in this folder; using the example that comes with faultline\n`);
  const found = paths.map((path) => scenarioFiles(path, { cwd: io.cwd, isTrusted, onShipped }));
  const files = (await Promise.all(found)).flat();
  if (flags.dryRun) return dryRun(files, flags, io);
  const checked = {
    flags,
    reporters: parseReporters(flags.reporter, io.cwd),
    failOn: flags.failOn === undefined ? DEFAULT_FAIL_ON : parseFailOn(flags.failOn),
    maxDurationMs: maxDurationMs(flags.maxDuration),
    exitCodeMap: flags.exitCodes ?? null,
    several: files.length > 1,
    workers: workersChoice(flags),
    earlier: flags.baseline === undefined ? null : await readRun(resolve(io.cwd, flags.baseline)),
  };
  const uiAddress = await uiAddressOf(flags);
  if (checked.several) refuseNamedFiles(checked.reporters);
  refuseUnreadVerdict(flags.exitCodes, { files: checked.reporters, several: checked.several });
  const reused = flags.out === undefined || checked.several ? null : resolve(io.cwd, flags.out);
  await removeEarlierReports(reused, checked.reporters);
  const { planned, codes } = await planAll(files, flags, io);
  if (codes.length > 0) {
    const few = `${codes.length} of ${files.length} scenarios cannot be run`;
    if (files.length > 1) io.stderr.write(`${few}, so nothing was started\n`);
    return worstExit(codes);
  }
  const interrupt = interruptOf(io);
  const results: ScenarioResult[] = [];
  let page: LivePage | null = null;
  try {
    if (uiAddress !== null) page = await openLivePage(uiAddress, io);
    for (const scenario of planned) {
      // A person who ends one, by a signal or a halt, wants none of the others.
      if (interrupt.signal.aborted || results.at(-1)?.exitCode === EXIT.interrupted) break;
      results.push(await runAndPrint(scenario, { ...checked, page, interrupt: interrupt.signal }));
    }
  } finally {
    await page?.close();
    interrupt.release();
  }
  if (files.length > 1) printSummary(results, flags, io);
  const { exitCode, notRun, lacksComparison } = batchOutcome(results, {
    planned: files.length,
    isComparing: flags.baseline !== undefined,
  });
  if (notRun > 0) io.stderr.write(`interrupted: ${notRun} of ${files.length} scenarios not run\n`);
  if (lacksComparison) {
    io.stderr.write(`error: nothing was compared with --baseline ${flags.baseline}: it is another test\n`);
  }
  return exitCode;
}

async function planAll(files: readonly string[], flags: RunFlags, io: Io) {
  const planned: ScenarioToRun[] = [];
  const codes: number[] = [];
  for (const file of files) {
    const scenario = await scenarioToRun(file, flags, io);
    if (typeof scenario === "number") codes.push(scenario);
    else planned.push(scenario);
  }
  return { planned, codes };
}

/** Several runs: one line each, or one JSON array of their reports. */
function printSummary(results: readonly ScenarioResult[], { json }: RunFlags, io: Io): void {
  if (json) {
    const reports = results.flatMap(({ report }) => report ?? []);
    io.stdout.write(`${harmlessJson(reports)}\n`);
    return;
  }
  const rows = results.map(({ file, report, exitCode }) => {
    const verdict = report?.verdict ?? "not run";
    return `  ${verdict.padEnd(12)} exit ${String(exitCode).padEnd(3)} ${oneLine(file)}`;
  });
  io.stdout.write(`\n${results.length} scenarios\n${rows.join("\n")}\n`);
}

/** Prints what would be done. Nothing is started. */
async function dryRun(files: readonly string[], flags: RunFlags, io: Io): Promise<number> {
  const { planned, codes } = await planAll(files, flags, io);
  for (const { plan } of planned) {
    const decisions = redact(decisionsText(plan), plan.secrets);
    io.stdout.write(`${dryRunText(plan)}${decisions}\nNothing was started.\n`);
  }
  return worstExit(codes);
}

/** Each scenario would replace the file of the one before, and the last result would stand for all. */
function refuseNamedFiles(reporters: readonly ReportChoice[]): void {
  const named = reporters.find(({ path }) => path !== null);
  if (!named) return;
  throw new FaultlineError(
    "USAGE",
    `--reporter ${named.reporter.name}=PATH is for one scenario; of several, each has a folder of its own with its ${named.reporter.fileName}`,
  );
}

function maxDurationMs(text: string | undefined): number | null {
  if (text === undefined) return null;
  const duration = parseDuration(text);
  if (duration && duration.ms <= LONGEST_DURATION.ms) return duration.ms;
  if (duration)
    throw new FaultlineError("USAGE", `--max-duration: at most ${LONGEST_DURATION.text}, not "${text}"`);
  throw new FaultlineError("USAGE", `--max-duration: expected a duration such as 10m, not "${text}"`);
}
