import { mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { lockName } from "../gameday/lock-name.js";
import { hasCode, messageOf } from "../support/errors.js";
import { writeWhole } from "../support/write-whole.js";

const time = z.iso.datetime();

const schema = z.object({
  formatVersion: z.literal(1),
  gameDay: z.string(),
  /** Its cron line and time zone. */
  schedule: z.string(),
  /** Runs up to this one were run, left out or told as missed. */
  handledUntil: time,
  /** A run that has begun and not ended. */
  running: z.object({ due: time, startedAt: time }).nullable(),
  last: z
    .object({
      due: time,
      startedAt: time,
      verdict: z.string(),
      score: z.number().nullable(),
      durationMs: z.number(),
    })
    .nullable(),
});

/** What one scheduler remembers of a game day for the next one. */
export type Memory = z.output<typeof schema>;

export interface MemoryStore {
  /** @returns null when nothing is remembered, or when it cannot be read. */
  read(gameDay: string): Promise<Memory | null>;
  write(memory: Memory): Promise<void>;
}

/** In the folder of the reports: FOLDER/<lock name>/schedule.json. */
export function memoryIn(reportFolder: string, onWarning: (text: string) => void): MemoryStore {
  const fileOf = (gameDay: string) => join(reportFolder, lockName(gameDay), "schedule.json");
  return {
    async read(gameDay) {
      const file = fileOf(gameDay);
      try {
        return schema.parse(JSON.parse(await readFile(file, "utf8")));
      } catch (error) {
        if (!hasCode(error, "ENOENT")) onWarning(`${file} cannot be read, so missed runs are not known`);
        return null;
      }
    },
    async write(memory) {
      const file = fileOf(memory.gameDay);
      try {
        await mkdir(dirname(file), { recursive: true });
        await writeWhole(file, `${JSON.stringify(memory)}\n`);
      } catch (error) {
        // A disk that is full for a while must not end a scheduler.
        onWarning(`${file} cannot be written, so a restart would not know of this: ${messageOf(error)}`);
      }
    },
  };
}
