import { resolve } from "node:path";
import { Option } from "commander";
import { exitCodeMapsOf, mappedExitCode, refuseUnprintedVerdict } from "../app/exit-code-maps.js";
import { harmlessJson, oneLine } from "../support/printable.js";
import type { RegisterCommand } from "./command.js";
import type { Io } from "./process/io.js";

interface VerdictFlags {
  readonly json?: boolean;
  readonly exitCodes?: string;
}

const EXAMPLES = `
Exit codes: as the run's: 0 pass, 1 fail, 3 inconclusive or invalid; --exit-codes maps them.

Examples:
  faultline verdict reports/current
  faultline verdict reports/current/report.json --json
  faultline verdict reports/current --exit-codes flagger-rollback    0 when there is something to roll back
`;

export const registerVerdict: RegisterCommand = (program, io, done) => {
  program
    .command("verdict")
    .summary("print a run's verdict alone, for delivery tools")
    .description("Prints the verdict of a run, small and stable, and exits as the run did.")
    .argument("<report>", "report.json or record.json of a run, or the run's folder")
    .option("--json", "print the document that schema/verdict.schema.json describes")
    .addOption(new Option("--exit-codes <reader>", "exit as it expects").choices(exitCodeMapsOf("verdict")))
    .addHelpText("after", EXAMPLES)
    .action(async (report: string, flags: VerdictFlags) => done(await verdict(report, flags, io)));
};

async function verdict(path: string, { json = false, exitCodes }: VerdictFlags, io: Io): Promise<number> {
  const { readRun } = await import("../analysis/read-run.js");
  const { verdictDocument } = await import("../analysis/document/verdict-document.js");
  refuseUnprintedVerdict(exitCodes, json);
  const document = verdictDocument(await readRun(resolve(io.cwd, path)));
  const { decision, verdict: ofRun, scenario, reason } = document;
  if (json) io.stdout.write(`${harmlessJson(document)}\n`);
  else {
    const other = decision === ofRun ? "" : ` (${ofRun})`;
    io.stdout.write(`${decision}${other}: ${oneLine(scenario)}: ${oneLine(reason)}\n`);
  }
  return mappedExitCode(document.exitCode, exitCodes ?? null);
}
