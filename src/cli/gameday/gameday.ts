import { Option } from "commander";
import type { RegisterCommand } from "../command.js";
import { collect } from "../options/option-values.js";
import { addTrustOptions } from "../options/trust-options.js";
import { addUiOptions } from "../options/ui-options.js";
import type { GameDayFlags } from "./run-game-day.js";

const EXAMPLES = `
Examples:
  faultline gameday checkout-friday.yaml               run it now, whatever its schedule says
  faultline gameday checkout-friday.yaml --ui          with a live page for everybody who watches
  faultline gameday checkout-friday.yaml --json        day.json alone on stdout
  faultline gameday checkout-friday.yaml --interactive
  faultline gameday checkout-friday.yaml --blind       one of its scenarios, and nobody knows which
  faultline gameday checkout-friday.yaml --allow-host alertmanager.internal

Reports land in reports/<exercise id>/: day.json, and a folder for each scenario. The exercise id is in the header
X-Exercise-Id of each request of the load.

Exit codes: the worst of its scenarios (see \`faultline run --help\`); 3 when it was postponed, as a condition under
preflight did not hold.
`;

export const registerGameDay: RegisterCommand = (program, io, done) => {
  const command = program
    .command("gameday")
    .summary("run a game day now: conditions, scenarios, summary")
    .description("Runs a game day now: looks at its conditions, then runs its scenarios in their order.")
    .argument("<file>", "the game day")
    .option("--out <dir>", "folder for day.json and the reports (default: reports/<exercise id>)")
    .option("--interactive", "after each scenario ask what you saw; Enter goes on")
    .addOption(
      new Option(
        "--blind",
        "run one scenario, picked by chance; nothing tells which before it is over",
      ).conflicts("ui"),
    )
    .option("--json", "print day.json alone on stdout")
    .option("--var <name=value>", "set a variable of the game day (repeatable)", collect)
    .option("--allow-host <host>", "allow a host that is not loopback (repeatable)", collect)
    .addHelpText("after", EXAMPLES);
  addTrustOptions(addUiOptions(command)).action(async (file: string, flags: GameDayFlags) => {
    const { conductFromCommandLine } = await import("./run-game-day.js");
    const all = { ...flags, ...program.opts<{ color: boolean; verbose?: boolean }>() };
    done(await conductFromCommandLine(file, all, io));
  });
};
