import { EXIT, FaultlineError } from "../../support/errors.js";
import { oneLine } from "../../support/printable.js";
import type { RegisterCommand } from "../command.js";
import { whoAsks } from "./who-asks.js";

const EXAMPLES = `
Examples:
  faultline note "queue depth climbs, dashboards still green"
  faultline note --by alice "pager went off"

The note is put on the timeline of every run and game day that goes on now and has the same state folder
(FAULTLINE_STATE_DIR). Exit code 0 when somebody heard it, 4 when nothing goes on.
`;

export const registerNote: RegisterCommand = (program, io, done) => {
  program
    .command("note")
    .summary("put what you saw on the timeline of the run that goes on")
    .description("Puts what you saw on the timeline of the run or game day that goes on.")
    .argument("<text...>", "what you saw")
    .option("--by <name>", "who saw it (default: your user name)")
    .addHelpText("after", EXAMPLES)
    .action(async (words: string[], { by }: { readonly by?: string }) => {
      const { addNote } = await import("../../run/listening/add-note.js");
      const { LONGEST_NOTE } = await import("../../run/listening/note.js");
      const { openStateFolder } = await import("../../run/safety/state-folder.js");
      const text = oneLine(words.join(" "));
      if (text === "") throw new FaultlineError("USAGE", "note: expected a text");
      if (text.length > LONGEST_NOTE) {
        throw new FaultlineError(
          "USAGE",
          `note: at most ${LONGEST_NOTE} characters, and this has ${text.length}`,
        );
      }
      const note = { by: whoAsks(by, io.env), at: new Date().toISOString(), text };
      const heard = addNote(openStateFolder(io.env), note);
      if (heard.length === 0)
        throw new FaultlineError("NOTHING_RUNS", "nobody listens: no run and no game day goes on");
      for (const { kind, name } of heard) io.stdout.write(`noted in the ${kind} "${oneLine(name)}"\n`);
      done(EXIT.ok);
    });
};
