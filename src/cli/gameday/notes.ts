import type { NoteKind } from "../../run/listening/note.js";
import { EXIT, FaultlineError } from "../../support/errors.js";
import { oneLine } from "../../support/printable.js";
import type { RegisterCommand } from "../command.js";
import type { Io } from "../process/io.js";
import { whoAsks } from "./who-asks.js";

const HEARD = `
Every run and game day that goes on now and has the same state folder (FAULTLINE_STATE_DIR) hears it.
Exit code 0 when somebody heard it, 4 when nothing goes on.
`;

interface NoteFlags {
  readonly by?: string;
}

export const registerNote: RegisterCommand = (program, io, done) => {
  program
    .command("note")
    .summary("put what you saw on the timeline of the run that goes on")
    .description("Puts what you saw on the timeline of the run or game day that goes on.")
    .argument("<text...>", "what you saw")
    .option("--by <name>", "who saw it (default: your user name)")
    .addHelpText(
      "after",
      `
Examples:
  faultline note "queue depth climbs, dashboards still green"
  faultline note --by alice "pager went off"
${HEARD}`,
    )
    .action(async (words: string[], flags: NoteFlags) => done(await write("note", words, flags, io)));
};

export const registerFound: RegisterCommand = (program, io, done) => {
  program
    .command("found")
    .summary("say what you think is broken; the game day holds it against the truth")
    .description("Puts a theory of what is broken on the timeline. A game day holds it against what it did.")
    .argument("<text...>", "your theory, with the name of what you think is broken")
    .option("--by <name>", "whose theory it is (default: your user name)")
    .addHelpText("after", `\nExample:\n  faultline found "redis answers too late"\n${HEARD}`)
    .action(async (words: string[], flags: NoteFlags) => done(await write("found", words, flags, io)));
};

export const registerMitigated: RegisterCommand = (program, io, done) => {
  program
    .command("mitigated")
    .summary("say that customers are served again; the game day holds it against what was measured")
    .description("Puts on the timeline that the harm is over. A game day holds it against what was measured.")
    .argument("[text...]", "what you did")
    .option("--by <name>", "who did it (default: your user name)")
    .addHelpText("after", `\nExample:\n  faultline mitigated "switched the cache off"\n${HEARD}`)
    .action(async (words: string[], flags: NoteFlags) => done(await write("mitigated", words, flags, io)));
};

async function write(kind: NoteKind, words: readonly string[], { by }: NoteFlags, io: Io): Promise<number> {
  const { addNote } = await import("../../run/listening/add-note.js");
  const { LONGEST_NOTE } = await import("../../run/listening/note.js");
  const { openStateFolder } = await import("../../run/safety/state-folder.js");
  const text = oneLine(words.join(" "));
  if (text === "" && kind !== "mitigated") throw new FaultlineError("USAGE", `${kind}: expected a text`);
  if (text.length > LONGEST_NOTE) {
    throw new FaultlineError(
      "USAGE",
      `${kind}: at most ${LONGEST_NOTE} characters, and this has ${text.length}`,
    );
  }
  const note = { kind, by: whoAsks(by, io.env), at: new Date().toISOString(), text };
  const heard = addNote(openStateFolder(io.env), note);
  if (heard.length === 0)
    throw new FaultlineError("NOTHING_RUNS", "nobody listens: no run and no game day goes on");
  // Nobody may learn the name of a blind game day's run. The day's own name says where the note is.
  const days = heard.filter(({ kind: what }) => what === "game day");
  for (const { kind: what, name } of days.length > 0 ? days : heard)
    io.stdout.write(`noted in the ${what} "${oneLine(name)}"\n`);
  return EXIT.ok;
}
