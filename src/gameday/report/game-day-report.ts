/**
 * day.json: what became of a game day. Its schema is the source of its types, and of schema/gameday-report.schema.json.
 * Units are in the names. Keys that a later version adds are kept and ignored.
 */

import { z } from "zod";
import {
  amount,
  anyText,
  count,
  type Described,
  flag,
  listOf,
  number,
  orNull,
} from "../../measure/schema-parts.js";
import { actionOfDay } from "./action-of-day.js";
import { faultOfDay } from "./fault-of-day.js";
import { noticeOfDay } from "./notice-of-day.js";

export const GAME_DAY_REPORT_VERSION = 1;

const VERDICTS = [
  "pass",
  "fail",
  "inconclusive",
  "invalid",
  "aborted",
  "error",
  "interrupted",
  "postponed",
] as const;

const condition = z.looseObject({
  name: anyText,
  holds: flag,
  reason: orNull(anyText).describe("Why it did not hold; null when it did."),
  durationMs: amount,
});

const byPerson = {
  afterS: number.describe("Seconds from when the fault was put in place."),
  by: anyText,
};

const theory = z.looseObject({
  ...byPerson,
  text: anyText,
  isRight: z.boolean().describe("It names what the fault was done to."),
});

export interface Theory extends Described<typeof theory> {}

const response = z.looseObject({
  fault: anyText,
  targets: listOf(anyText).describe("What it was done to: names of proxies or services."),
  detected: orNull(z.looseObject(byPerson)).describe("The first note of any kind; null: nobody wrote one."),
  diagnosed: orNull(z.looseObject(byPerson)).describe("The first theory that was right; null: none was."),
  mitigated: orNull(
    z.looseObject({
      ...byPerson,
      goodBefore: orNull(number).describe("Share of good requests until then; null: too few to say."),
      goodAfter: orNull(number).describe("The same from then on, while the fault was in place."),
    }),
  ).describe("The first `faultline mitigated`; null: there was none."),
  theories: listOf(theory).describe("All of them, in their order."),
});

export interface ResponseToFault extends Described<typeof response> {}

const scenario = z.looseObject({
  file: anyText.describe("As the game day names it."),
  name: orNull(anyText).describe("null: it could not be read."),
  verdict: orNull(anyText).describe("As in its report.json; null when it was not run, or could not begin."),
  exitCode: orNull(count).describe("As `faultline run` would have exited; null when it was not run."),
  countsAs: count
    .optional()
    .describe("Exit code that it has for the day, without exempt faults that failed. Not there: exitCode."),
  reason: orNull(anyText).describe("Why that verdict, or what kept it from running."),
  score: orNull(number).describe("0 to 100; null when it has none."),
  startedAt: orNull(anyText).describe("ISO 8601, UTC; null when it was not run."),
  durationS: orNull(amount),
  folder: orNull(anyText).describe(
    "Its reports, as a path from the folder of the game day; null: there are none.",
  ),
  expected: orNull(
    z.looseObject({
      hypothesis: anyText.optional(),
      alert: anyText.optional(),
      runbook: anyText.optional(),
    }),
  ).describe("What was written down before, under `expect`."),
  faults: listOf(faultOfDay)
    .optional()
    .describe("In the order of its report; not there when it was not run, and in older files."),
  responses: listOf(response)
    .optional()
    .describe("What people said of each fault that was put in place; not there when it was not run."),
});

const note = z.looseObject({
  kind: z
    .enum(["note", "found", "mitigated"])
    .optional()
    .describe("found: a theory of what is broken. mitigated: the harm is said to be over. Not there: note."),
  by: anyText,
  at: anyText.describe("ISO 8601, UTC."),
  text: anyText,
});

export const gameDayReportSchema = z.looseObject({
  formatVersion: count,
  tool: z.looseObject({ name: anyText, version: anyText }),
  exerciseId: anyText.describe(
    "In the header X-Exercise-Id of each request of the load, and the name of the folder.",
  ),
  name: anyText,
  owner: orNull(anyText),
  roles: z
    .looseObject({
      owner: anyText.optional(),
      coordinator: anyText.optional(),
      observers: anyText.optional(),
    })
    .optional()
    .describe("Who did what; older files lack it."),
  file: anyText,
  sha256: anyText.describe("Of the game day's file."),
  startedAt: anyText.describe("ISO 8601, UTC."),
  durationS: amount,
  verdict: z
    .enum(VERDICTS)
    .describe(
      "That of the scenario with the worst exit code; error: one could not begin; postponed: a condition did not hold.",
    ),
  exitCode: count.describe("The worst of its scenarios; 3 when it was postponed."),
  reason: anyText.describe("One sentence: why this verdict."),
  preflight: listOf(condition).describe("The conditions, in their order."),
  scenarios: listOf(scenario).describe("All of them, also those that were not run."),
  notes: listOf(note).describe(
    "What people saw, in its order: `faultline note`, and the answers of --interactive.",
  ),
  blind: orNull(
    z.looseObject({
      seal: anyText.describe(
        "SHA-256 of the nonce, a newline and the scenario file, as announced at the start.",
      ),
      nonce: anyText,
      file: anyText.describe("The scenario that was picked."),
      of: listOf(anyText).describe("Those that it was picked from."),
    }),
  )
    .optional()
    .describe("Of a day whose scenario nobody knew; null or not there: it was known."),
  halt: orNull(z.looseObject({ by: anyText, reason: orNull(anyText), at: orNull(anyText) })).describe(
    "Who ended it with `faultline halt`; null: nobody did.",
  ),
  actions: listOf(actionOfDay)
    .optional()
    .describe(
      "Of the team's actions file what was not closed before, overdue items first; not there: it keeps none.",
    ),
  notices: listOf(noticeOfDay).describe("Who was told of what under `notify`, and whether it arrived."),
});

export interface GameDayReport extends Described<typeof gameDayReportSchema> {}
export type { ActionOfDay } from "./action-of-day.js";
export type { FaultOfDay } from "./fault-of-day.js";
export type GameDayVerdict = GameDayReport["verdict"];
export type ScenarioOfDay = GameDayReport["scenarios"][number];
export type ConditionOfDay = GameDayReport["preflight"][number];
