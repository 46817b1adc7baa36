import { relative, resolve } from "node:path";
import { EXIT, FaultlineError } from "../support/errors.js";
import { harmlessJson } from "../support/printable.js";
import type { RegisterCommand } from "./command.js";
import { collect } from "./options/option-values.js";
import { type Io, viewFor } from "./process/io.js";

interface ReportFlags {
  readonly out?: string;
  readonly reporter?: string;
  readonly slo?: readonly string[];
  readonly trace?: readonly string[];
  readonly failOn?: string;
  readonly json?: boolean;
  readonly open?: boolean;
  readonly color?: boolean;
}

const EXAMPLES = `
Exit codes: 0, whatever the verdict; with --fail-on as \`faultline run\` does: 1 broken, 3 inconclusive or invalid.

Examples:
  faultline report reports/20260301-120000-shop/record.json
  faultline report reports/20260301-120000-shop --open
  faultline report record.json --out site --reporter html,junit=junit.xml
  faultline report reports/20260306-100003-checkout-friday-1f3a     a game day's folder: makes its debrief again
  faultline report reports/20260301-120000-shop --trace spans.json
  faultline report record.json --slo "p99 < 300ms" --slo "availability >= 99.5%" --out stricter --fail-on fail
`;

export const registerReport: RegisterCommand = (program, io, done) => {
  let formats = "\ndocs/reports.md lists the formats for --reporter.\n";
  program.hook("preSubcommand", async ({ args }, command) => {
    const isAsked = args.includes("--help") || args.includes("-h");
    if (command.name() === "report" && isAsked) formats = await formatsInHelp();
  });
  program
    .command("report")
    .summary("make the reports again from a run's record, or judge it by other SLOs")
    .description(
      "Makes the reports of a run again from its record.json, without a network; or judges it by other SLOs.",
    )
    .argument("<record>", "record.json of a run, or the run's folder; of a game day its folder")
    .option("--out <dir>", "folder for the reports (default: where the record is)")
    .option("--reporter <list>", "what to write: html,junit=path.xml,… (default: json,html,markdown,junit)")
    .option("--slo <slo>", "judge by this SLO instead of the record's own (repeatable; needs --out)", collect)
    .option(
      "--trace <file>",
      "exported spans of the same time, to lay beside the faults: OpenTelemetry's or Jaeger's JSON (repeatable)",
      collect,
    )
    .option("--fail-on <verdicts>", "exit as the run would for these: fail,inconclusive,invalid,aborted")
    .option("--json", "print report.json alone on stdout")
    .option("--open", "show the HTML report in the browser")
    .addHelpText("after", () => `${formats}${EXAMPLES}`)
    .action(async (record: string, flags: ReportFlags) => {
      done(await renderReports(record, { ...flags, ...program.opts<{ color: boolean }>() }, io));
    });
};

/** Each with what it is good for. Only this help loads them. */
async function formatsInHelp(): Promise<string> {
  const { REPORTERS } = await import("../report/registry.js");
  const rows = REPORTERS.map(({ name, alias, purpose }) => {
    const names = alias === undefined ? name : `${name} (${alias})`;
    return `  ${names.padEnd(20)}${purpose}`;
  });
  return `\nFormats for --reporter, each with =PATH to choose the file:\n${rows.join("\n")}\n`;
}

async function renderReports(path: string, flags: ReportFlags, io: Io): Promise<number> {
  const { isOfGameDay } = await import("../app/gameday/is-of-game-day.js");
  if (await isOfGameDay(resolve(io.cwd, path))) return await renderDebrief(path, flags, io);
  const { judgeAgain } = await import("../app/judge-again.js");
  const { parseReporters } = await import("../report/parse-reporters.js");
  const { renderTerminal } = await import("../report/terminal/terminal.js");
  const { LET_THROUGH_LINES, printLetThrough } = await import("./output/let-through.js");
  const { parseFailOn } = await import("../report/fail-on.js");

  const failOn = flags.failOn === undefined ? null : parseFailOn(flags.failOn);
  const { report, record, written, exitCode, letThrough } = await judgeAgain(path, {
    cwd: io.cwd,
    out: flags.out ?? null,
    reporters: parseReporters(flags.reporter, io.cwd),
    slos: flags.slo ?? null,
    traces: flags.trace ?? [],
    failOn,
  });
  if (flags.json) io.stdout.write(`${harmlessJson(report)}\n`);
  else {
    // The files that were written, what is let through, and the prompt.
    const view = viewFor(io, flags, written.length + 1 + (letThrough === null ? 0 : LET_THROUGH_LINES));
    io.stdout.write(renderTerminal(report, record, view));
  }
  if (letThrough !== null) printLetThrough(letThrough, io, flags);
  for (const { path: target } of written) io.stderr.write(`wrote ${relative(io.cwd, target) || target}\n`);
  if (flags.open) await openHtml(written, io);
  return exitCode;
}

/** Of a game day there is one page; its scenarios have reports of their own. */
async function renderDebrief(path: string, flags: ReportFlags, io: Io): Promise<number> {
  const { remakeDebrief } = await import("../app/gameday/remake-debrief.js");
  const { slo, trace, failOn, reporter, out, json, open } = flags;
  if ([slo, trace, failOn, reporter].some((flag) => flag !== undefined)) {
    const why = `${path} is a game day's: --slo, --trace, --fail-on and --reporter are for one run`;
    throw new FaultlineError("USAGE", `${why}; name the folder of one of its scenarios`);
  }
  const target = out === undefined ? null : resolve(io.cwd, out);
  const { report, written } = await remakeDebrief(resolve(io.cwd, path), target);
  if (json) io.stdout.write(`${harmlessJson(report)}\n`);
  for (const file of written) io.stderr.write(`wrote ${relative(io.cwd, file) || file}\n`);
  const [page = ""] = written;
  if (open) await openHtml([{ reporter: "html", path: page }], io);
  return EXIT.ok;
}

async function openHtml(
  written: readonly { readonly reporter: string; readonly path: string }[],
  io: Io,
): Promise<void> {
  const { openFile } = await import("./process/open-file.js");
  const page = written.find(({ reporter }) => reporter === "html");
  if (!page) io.stderr.write("nothing to open: --reporter leaves html out\n");
  else if (!(await openFile(page.path, io)))
    io.stderr.write(`no browser found; open ${page.path} yourself\n`);
}
