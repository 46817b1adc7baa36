import { Option } from "commander";
import { exitCodeMapsOf } from "../app/exit-code-maps.js";
import type { RegisterCommand } from "./command.js";
import { collect, wholeNumberOption } from "./options/option-values.js";
import type { RunFlags } from "./options/run-flags.js";
import { addTrustOptions } from "./options/trust-options.js";
import { addUiOptions } from "./options/ui-options.js";

const EXAMPLES = `
Examples:
  faultline run scenario.yaml                       run it; the report lands in reports/<time>-<name>/
  faultline run scenario.yaml --dry-run             print the timeline and the faults; nothing is started
  faultline run scenarios/ --out reports/nightly    several, one after another, with one summary
  faultline run scenario.yaml --only "slow cache"   one fault
  faultline run scenario.yaml --set load.rate=50/s --json
  faultline run scenario.yaml --ui                  watch it in the browser while it goes on
  faultline run scenario.yaml --toxiproxy http://127.0.0.1:8474
  faultline run scenario.yaml --workers nats://127.0.0.1:4222 --expect-workers 3
  faultline run scenario.yaml --baseline reports/last-good --reporter html,junit=junit.xml

Exit codes:
  0 all SLOs held · 1 an SLO was broken · 2 bad command line or scenario · 3 inconclusive or invalid
  4 the environment failed · 5 rollback failed, something may still be in place · 130 interrupted
`;

export const registerRun: RegisterCommand = (program, io, done) => {
  const command = program
    .command("run")
    .description("Run chaos scenarios and say whether their SLOs held")
    .argument("<scenario...>", "scenario files, or folders of them")
    .option("--out <dir>", "folder for the report (default: reports/<time>-<name>)")
    .option(
      "--history <file>",
      "add the run to this ledger (default: history.jsonl in the folder of reports)",
    )
    .option("--no-history", "add the run to no ledger")
    .option("--json", "print report.json alone on stdout")
    .option("--reporter <list>", "what to write: html,md,junit=path.xml,… (default: json,html,md,junit)")
    .option("--dry-run", "print timeline, faults and what can be decided; start nothing")
    .option("--only <fault>", "run only this fault (repeatable)", collect)
    .option("--set <key=value>", "change the scenario: load.rate=50/s (repeatable)", collect)
    .option("--var <name=value>", "set a variable of the scenario (repeatable)", collect)
    .option("--seed <n>", "seed of everything random", wholeNumberOption(0, 2 ** 32 - 1))
    .addOption(new Option("--evidence <kind>", "how verdicts are made").choices(["interval", "observed"]))
    .option("--toxiproxy <url>", "use this Toxiproxy server instead of the embedded one")
    .option("--allow-host <host>", "allow a host that is not loopback (repeatable)", collect)
    .option("--max-duration <duration>", "abort the run when it takes longer, for example 10m")
    .option("--no-retry", "measure nothing again that was left undecided because the load generator was late")
    .option(
      "--fail-on <verdicts>",
      "verdicts that fail the command, or none (default: fail,inconclusive,invalid,aborted)",
    )
    .addOption(
      new Option("--exit-codes <reader>", "exit as it expects; see docs/ci.md").choices(
        exitCodeMapsOf("run"),
      ),
    )
    .option(
      "--baseline <report>",
      "compare with an earlier report or record; a regression exits 1, another test 3",
    )
    .option("--workers <url>", "have the load made by the workers at this NATS server (see worker --help)")
    .option(
      "--expect-workers <n>",
      "with --workers: wait for so many, and take no more",
      wholeNumberOption(1, 10_000),
    )
    .option("--workers-within <duration>", "with --workers: how long they may take to come (default: 30s)")
    .addHelpText("after", EXAMPLES);
  addTrustOptions(addUiOptions(command)).action(async (files: string[], flags: RunFlags) => {
    const { runScenarios } = await import("./run-scenarios.js");
    done(
      await runScenarios(files, { ...flags, ...program.opts<{ color: boolean; verbose?: boolean }>() }, io),
    );
  });
};
