import { EXIT } from "../../support/errors.js";
import { oneLine } from "../../support/printable.js";
import { wholeOrSize } from "../../support/secrets/said.js";
import type { RegisterCommand } from "../command.js";
import { whoAsks } from "./who-asks.js";

const EXAMPLES = `
Examples:
  faultline halt --reason "checkout is on fire"     faults come out now, and nothing new is started
  faultline halt --lift                             runs may begin again

It is for all runs and game days with the same state folder (FAULTLINE_STATE_DIR). In a hurry, \`touch\` the file that
it names: that is a halt, too.
`;

interface HaltFlags {
  readonly reason?: string;
  readonly by?: string;
  readonly lift?: boolean;
}

const LONGEST_REASON = 1_000;

export const registerHalt: RegisterCommand = (program, io, done) => {
  program
    .command("halt")
    .summary("end all faults now, and start nothing until it is lifted")
    .description(
      "Ends the faults of all runs as the first Ctrl-C does, and lets nothing begin until it is lifted.",
    )
    .option("--reason <text>", "why; it stands in the reports")
    .option("--by <name>", "who halts (default: your user name)")
    .option("--lift", "let runs begin again")
    .addHelpText("after", EXAMPLES)
    .action(async ({ reason, by, lift }: HaltFlags) => {
      const { haltPath, haltText, liftHalt, orderHalt, readHalt } = await import(
        "../../run/listening/halt-order.js"
      );
      const { openStateFolder } = await import("../../run/safety/state-folder.js");
      const stateFolder = openStateFolder(io.env);
      if (lift) {
        const lifted = liftHalt(stateFolder);
        io.stdout.write(lifted === null ? "there was no halt\n" : `lifted: ${oneLine(haltText(lifted))}\n`);
        return done(EXIT.ok);
      }
      const why = wholeOrSize(oneLine(reason ?? ""), LONGEST_REASON);
      const order = {
        by: whoAsks(by, io.env),
        reason: why === "" ? null : why,
        at: new Date().toISOString(),
      };
      const before = readHalt(stateFolder);
      if (before === null) orderHalt(stateFolder, order);
      const said = before === null ? haltText(order) : `already ${haltText(before)}`;
      io.stdout.write(`${oneLine(said)}\n`);
      io.stdout.write(
        `${haltPath(stateFolder)} stands until \`faultline halt --lift\`: nothing is started\n`,
      );
      done(EXIT.ok);
    });
};
