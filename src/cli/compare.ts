import type { Command } from "commander";
import { harmlessJson } from "../support/printable.js";
import type { RegisterCommand } from "./command.js";
import { colorFor, columnsOf } from "./process/io.js";

export const registerCompare: RegisterCommand = (program, io, done) => {
  program
    .command("compare")
    .summary("hold one run against an earlier one, by SLOs and checks")
    .description(
      "Holds a run against an earlier one of the same scenario and says for each SLO and each check whether it\n" +
        "regressed, stayed the same, or cannot be told. OLD and NEW are a report.json, a record.json, or a run's folder.",
    )
    .argument("<old>", "the earlier run")
    .argument("<new>", "the later run")
    .option("--force", "compare them although their scenarios or loads differ")
    .option("--json", "print the comparison as JSON")
    .addHelpText(
      "after",
      `
Exit codes: 0 no regression (of some SLOs it may not be known), 1 an SLO or a check regressed, 2 the files cannot be compared,
  3 nothing can be told, or a fault or a check was invalid or not run in one of them.

Examples:
  faultline compare reports/last-good reports/today
  faultline compare main/report.json branch/record.json --json
`,
    )
    .action(
      async (
        before: string,
        after: string,
        options: { readonly force?: boolean; readonly json?: boolean },
        command: Command,
      ) => {
        const { compareSaved } = await import("../app/compare-saved.js");
        const comparison = await compareSaved(before, after, {
          cwd: io.cwd,
          isForced: options.force === true,
        });
        if (options.json) {
          io.stdout.write(`${harmlessJson(comparison)}\n`);
        } else {
          const { renderComparison } = await import("../report/terminal/comparison-lines.js");
          const color = colorFor(io.stdout, io, command.optsWithGlobals<{ color?: boolean }>());
          io.stdout.write(renderComparison(comparison, { columns: columnsOf(io, 80), color }));
        }
        done(comparison.exitCode);
      },
    );
};
