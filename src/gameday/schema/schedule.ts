import { z } from "zod";
import { choice, duration, list, text } from "../../quantities/schema.js";
import { parseQuiet } from "../quiet/parse-quiet.js";

const CRON = 'a cron line of five fields, such as "0 10 * * FRI"';

/** When it is to run by itself. */
export const schedule = z.strictObject(
  {
    cron: text(CRON).meta({
      description:
        "Minute, hour, day of month, month, weekday. Days of month and weekdays together mean either of them.",
      samples: ["0 10 * * FRI", "30 9 1,15 * *", "0 10 * * MON#1"],
    }),
    timezone: text("a time zone such as Europe/Berlin")
      .meta({
        description: "Whose clock that is.",
        samples: ["Europe/Berlin", "America/New_York"],
        default: "UTC",
      })
      .prefault("UTC"),
    jitter: duration()
      .meta({
        description: "Each run begins up to so much later. By how much is the same on every machine.",
      })
      .prefault("0s"),
    catchUp: choice(["skip", "once"])
      .meta({
        description:
          "What becomes of runs whose time has passed: none of them is run, or one for all of them, as soon as it can.",
        default: "skip",
      })
      .prefault("skip"),
  },
  { error: "a map with `cron`" },
);

const QUIET =
  'a rule such as "Fri after 15:00" or "Sat, Sun", dates such as 2026-12-20..2027-01-06, or { ical: FILE }';

const rule = z.string().transform((value, context) => {
  const window = parseQuiet(value);
  if (window !== null) return window;
  context.issues.push({ code: "custom", message: QUIET, input: value });
  return z.NEVER;
});

const calendar = z.strictObject(
  {
    ical: text("an iCalendar file").meta({
      description: "An iCalendar file (.ics): nothing begins during its events.",
      samples: ["holidays.ics"],
    }),
  },
  { error: QUIET },
);

/** When nothing may begin. */
export const quiet = list(z.union([rule, calendar], { error: QUIET }), "a list of quiet times");
