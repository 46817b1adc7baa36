import { Cron } from "croner";

/** The names of a cron line's fields. */
export const CRON_FIELDS = ["minute", "hour", "day of month", "month", "weekday"] as const;

/** The times of a cron line on the clock of a zone. */
export class CronLine {
  readonly #cron: Cron;

  /** @throws Error when the line is malformed. An unknown zone shows only at `next`. */
  constructor(line: string, timezone: string) {
    this.#cron = new Cron(line, { mode: "5-part", timezone, paused: true });
  }

  /**
   * The first time after an instant, with regard to changes of the clock.
   * - A line that names one minute of one hour: a time that a change leaves out comes right after the change, and a
   *   time that it repeats comes once.
   * - Any other line: times that are left out do not come, and repeated times come twice.
   * @returns null when there is none.
   */
  next(afterMs: number): number | null {
    return this.#cron.nextRun(new Date(afterMs))?.getTime() ?? null;
  }
}

/** What is wrong with a cron line, and in which of its fields. */
export interface CronProblem {
  /** Index in CRON_FIELDS. null: it is wrong as a whole. */
  readonly field: number | null;
  readonly message: string;
}

/** @returns null when nothing is wrong. */
export function problemOf(line: string): CronProblem | null {
  const message = messageFor(line);
  if (message === null) return null;
  const fields = fieldsOf(line);
  if (fields.length !== CRON_FIELDS.length) {
    const wanted = `a cron line has five fields (${CRON_FIELDS.join(", ")})`;
    return {
      field: null,
      message: line.startsWith("@") ? message : `${wanted}, and this one ${fields.length}`,
    };
  }
  const alone = fields.map((field, index) =>
    CRON_FIELDS.map((_, at) => (at === index ? field : "*")).join(" "),
  );
  const field = alone.findIndex((one) => messageFor(one) !== null);
  return field < 0
    ? { field: null, message }
    : { field, message: `it is no ${CRON_FIELDS[field]} of a cron line` };
}

export function fieldsOf(line: string): readonly string[] {
  return line.trim().split(/\s+/);
}

function messageFor(line: string): string | null {
  try {
    new CronLine(line, "UTC");
    return null;
  } catch (error) {
    return error instanceof Error ? error.message.replace(/^CronPattern: /, "") : String(error);
  }
}
