import { dirname, join, relative, resolve } from "node:path";
import type { ScenarioHistory } from "../report/history/trends.js";
import { FaultlineError } from "../support/errors.js";
import { harmlessJson } from "../support/printable.js";
import type { RegisterCommand } from "./command.js";
import { wholeNumber } from "./options/option-values.js";
import { colorFor, columnsOf, type Io } from "./process/io.js";

interface HistoryFlags {
  readonly html?: string | true;
  readonly open?: boolean;
  readonly json?: boolean;
  readonly scenario?: string;
  readonly last: number;
  readonly color?: boolean;
}

const EXAMPLES = `
Examples:
  faultline history                                  runs in reports/, and how each SLO went
  faultline history reports/nightly --last 30
  faultline history --scenario "Checkout survives a slow cache" --json
  faultline history --html --open                    the same as a page: reports/history.html
`;

export const registerHistory: RegisterCommand = (program, io, done) => {
  program
    .command("history")
    .summary("list past runs with the trend of each SLO")
    .description("Lists past runs with the trend of each SLO, from the reports in a folder.")
    .argument("[dir]", "folder of reports", "reports")
    .option("--scenario <name>", "only this scenario")
    .option("--last <n>", "only the last runs of each scenario", wholeNumber(1), 20)
    .option("--html [file]", "write the page of trends (default: history.html in the folder)")
    .option("--open", "show the page in the browser; implies --html")
    .option("--json", "print runs and trends as JSON")
    .addHelpText("after", EXAMPLES)
    .action(async (folder: string, flags: HistoryFlags) => {
      await showHistory(resolve(io.cwd, folder), { ...flags, ...program.opts<{ color: boolean }>() }, io);
      done(0);
    });
};

async function showHistory(folder: string, flags: HistoryFlags, io: Io): Promise<void> {
  const { readPastRuns } = await import("../report/history/read-past-runs.js");
  const { historyOf } = await import("../report/history/trends.js");
  const { renderHistory } = await import("../report/history/history-terminal.js");
  const { runs, unreadable } = await readPastRuns(folder);
  for (const complaint of unreadable) io.stderr.write(`left out: ${complaint}\n`);
  const chosen = runs.filter(
    ({ report }) => flags.scenario === undefined || report.scenario.name === flags.scenario,
  );
  if (runs.length > 0 && chosen.length === 0) {
    const names = [...new Set(runs.map(({ report }) => `"${report.scenario.name}"`))].sort();
    throw new FaultlineError(
      "USAGE",
      `there is no run of "${flags.scenario}" in ${relative(io.cwd, folder) || "."}; there are runs of ${names.join(", ")}`,
    );
  }
  const histories = historyOf(chosen).flatMap(({ runs: all }) => historyOf(all.slice(-flags.last)));
  const folderName = (path: string) => relative(io.cwd, path) || ".";

  if (flags.json) io.stdout.write(`${harmlessJson(histories.map(toJson(folderName)))}\n`);
  else if (histories.length === 0) io.stdout.write(`no reports in ${folderName(folder)}\n`);
  else {
    const view = { columns: columnsOf(io), color: colorFor(io.stdout, io, flags), folderName };
    io.stdout.write(renderHistory(histories, view));
  }
  if (flags.html === undefined && !flags.open) return;
  const { renderHistoryPage } = await import("../report/history/history-html.js");
  const { writeWhole } = await import("../support/write-whole.js");
  const page = typeof flags.html === "string" ? resolve(io.cwd, flags.html) : join(folder, "history.html");
  await writeWhole(page, renderHistoryPage(histories, dirname(page)));
  io.stderr.write(`wrote ${relative(io.cwd, page)}\n`);
  if (!flags.open) return;
  const { openFile } = await import("./process/open-file.js");
  if (!(await openFile(page, io))) io.stderr.write(`no browser found; open ${page} yourself\n`);
}

function toJson(folderName: (path: string) => string) {
  return ({ name, runs, trends, breakingPoints }: ScenarioHistory) => ({
    scenario: name,
    runs: runs.map(({ folder, report }) => ({
      folder: folderName(folder),
      startedAt: report.startedAt,
      verdict: report.verdict,
      score: report.score?.value ?? null,
    })),
    trends: trends.map(({ fault, expect, unit, points }) => ({
      fault,
      expect,
      unit,
      points: points.map((point) =>
        point
          ? {
              observed: point.observed,
              target: point.target,
              verdict: point.verdict,
              censored: point.slo.censored,
            }
          : null,
      ),
    })),
    breakingPoints: breakingPoints.map(({ fault, what, points }) => ({
      fault,
      what,
      points: points.map((point) =>
        point
          ? {
              holdsUpTo: point.search.holdsUpTo,
              breaksAt: point.search.breaksAt,
              unit: point.search.unit,
              verdict: point.verdict,
            }
          : null,
      ),
    })),
  });
}
