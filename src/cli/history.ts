import { dirname, join, relative, resolve } from "node:path";
import { harmlessJson } from "../support/printable.js";
import type { RegisterCommand } from "./command.js";
import { wholeNumberOption } from "./options/option-values.js";
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
    .option("--last <n>", "only the last runs of each scenario", wholeNumberOption(1), 20)
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
  const { pastHistories } = await import("../app/past-histories.js");
  const { renderHistory } = await import("../report/history/history-terminal.js");
  const { scenario = null, last } = flags;
  const onLeftOut = (why: string) => void io.stderr.write(`left out: ${why}\n`);
  const histories = await pastHistories(folder, { cwd: io.cwd, scenario, last, onLeftOut });
  const folderName = (path: string) => relative(io.cwd, path) || ".";

  if (flags.json) {
    const { historyJson } = await import("../report/history/history-json.js");
    io.stdout.write(`${harmlessJson(historyJson(histories, folderName))}\n`);
  } else if (histories.length === 0) io.stdout.write(`no reports in ${folderName(folder)}\n`);
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
