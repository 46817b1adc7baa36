import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { JSON_LINES_FILE } from "../../plan/telemetry/telemetry-spec.js";
import { messageOf } from "../../support/errors.js";
import { type Exporter, NotTaken, type ToldBy } from "../exporter.js";
import { linesOf } from "../lines/lines.js";

const MOST_AT_ONCE = 100;

/** Appends lines to a file in the run's folder. */
export function jsonLinesExporter(folder: string, { scenario }: ToldBy): Exporter {
  const file = join(folder, JSON_LINES_FILE);
  return {
    to: JSON_LINES_FILE,
    sends: ["phase_begun", "second", "phase_over", "traces", "event", "judged"],
    mostAtOnce: MOST_AT_ONCE,
    send: async (told) => {
      const lines = told
        .flatMap((each) => linesOf(each, scenario))
        .map((line) => `${JSON.stringify(line)}\n`);
      try {
        await appendFile(file, lines.join(""));
      } catch (error) {
        throw new NotTaken({ id: "failed", facts: { reason: messageOf(error) } });
      }
    },
  };
}
