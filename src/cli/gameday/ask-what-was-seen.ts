import { createInterface } from "node:readline";
import type { HoldOfDay } from "../../app/gameday/conduct-game-day.js";
import { LONGEST_NOTE, type Note } from "../../run/listening/note.js";
import { oneLine } from "../../support/printable.js";
import { wholeOrSize } from "../../support/secrets/said.js";
import type { Io } from "../process/io.js";
import { whoAsks } from "./who-asks.js";

/** Asks on the terminal until an empty line, the end of the input, or the end of the day. Each line is a note. */
export async function askWhatWasSeen({ file, next, signal }: HoldOfDay, io: Io): Promise<readonly Note[]> {
  const after = next === null ? "ends the day" : `goes on with ${oneLine(next)}`;
  io.stderr.write(`\n${oneLine(file)} is over. What did you see? (a line is a note; Enter ${after})\n> `);
  // The input is not read as a terminal, so that Ctrl-C stays the signal that it is everywhere else.
  const lines = createInterface({ input: io.stdin, terminal: false });
  const close = () => lines.close();
  signal.addEventListener("abort", close, { once: true });
  const notes: Note[] = [];
  try {
    for await (const line of lines) {
      const text = wholeOrSize(oneLine(line), LONGEST_NOTE);
      if (text === "" || signal.aborted) break;
      notes.push({ by: whoAsks(undefined, io.env), at: new Date().toISOString(), text });
      io.stderr.write("> ");
    }
    return notes;
  } finally {
    signal.removeEventListener("abort", close);
    lines.close();
  }
}
