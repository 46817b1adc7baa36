import { z } from "zod";
import { choice, list, shownName, text } from "../../quantities/schema.js";
import { exempt } from "./exempt.js";
import { keep } from "./keep.js";
import { notify } from "./notify.js";
import { preflight } from "./preflight.js";
import { quiet, schedule } from "./schedule.js";

const person = (description: string, sample: string) =>
  text("a name", "words")
    .meta({ description, samples: [sample] })
    .optional();

const roles = z.strictObject(
  {
    owner: person("Who answers for the system.", "@payments"),
    coordinator: person("Who leads through the day, and may stop it.", "@sre"),
    observers: person("Who watches.", "#payments"),
  },
  { error: "a map with `owner`, `coordinator` and `observers`" },
);

const foreseen = z.strictObject(
  {
    hypothesis: text()
      .meta({ description: "What should happen.", samples: ["p99 stays under 500 ms"] })
      .optional(),
    alert: text("an alert's name")
      .meta({ description: "The alert that should fire.", samples: ["HighLatency"] })
      .optional(),
    runbook: text("a path or a URL")
      .meta({ description: "What people should follow.", samples: ["docs/slow-cache.md"] })
      .optional(),
  },
  { error: "a map with `hypothesis`, `alert` and `runbook`" },
);

/** The format of a game day's file. From it come the checks, the types and the JSON Schema. */
export const gameDaySchema = z
  .strictObject(
    {
      gameday: z
        .literal(1, { error: "1, the version of this format" })
        .meta({ description: "Version of this format." }),
      name: shownName(200).meta({
        description: "What it is called. Each has a name of its own.",
        samples: ["Checkout Friday"],
      }),
      owner: person("The team that it belongs to.", "payments-team"),
      schedule: schedule.meta({ description: "When it runs by itself: `faultline schedule`." }).optional(),
      quiet: quiet
        .meta({
          description: "When none begins.",
          samples: [["Fri after 15:00", "2026-12-20..2027-01-06", { ical: "holidays.ics" }]],
        })
        .prefault([]),
      preflight: preflight
        .meta({ description: "What must hold before it begins; else it is postponed." })
        .prefault([]),
      roles: roles.meta({ description: "Who does what." }).prefault({}),
      expect: list(
        z.record(z.string(), foreseen, { error: "a map of one scenario to what is expected of it" }),
        "a list of maps, each of one scenario",
      )
        .meta({
          description: "What is expected of its scenarios, written down before.",
          samples: [[{ "slow-cache.yaml": { hypothesis: "p99 stays under 500 ms" } }]],
        })
        .prefault([]),
      scenarios: list(text("a scenario's file"), "a list of scenario files")
        .min(1, { error: "at least one scenario file" })
        .meta({
          description: "What is run, in this order. Paths are relative to this file.",
          samples: [["slow-cache.yaml", "db-restart.yaml"]],
        }),
      actions: text("a file of action items")
        .meta({
          description:
            "Action items that the team keeps. Relative to this file. Default: actions.yaml, where it is there.",
          samples: ["actions.yaml"],
        })
        .optional(),
      exempt: exempt
        .meta({ description: "Faults whose failure does not make the day fail, until a day." })
        .prefault([]),
      onFailure: choice(["stop", "continue"])
        .meta({
          description: "Whether the scenarios that follow one that did not pass are left out.",
          default: "stop",
        })
        .prefault("stop"),
      notify: notify.meta({ description: "Who is told." }).prefault([]),
      keep: keep
        .meta({
          description: "How long its reports are kept; older ones are removed after a day.",
          samples: ["12 months"],
        })
        .optional(),
    },
    { error: "a map of keys" },
  )
  .meta({
    title: "faultline game day",
    description: "Scenarios that a team runs together: when, under which conditions, and what is expected.",
  });

/** A game day as the schema gives it: defaults filled in, quantities in one unit each. */
export type GameDayData = z.output<typeof gameDaySchema>;
