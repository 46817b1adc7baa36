import type { DocumentFormat } from "../scenario/diagnostics/document-format.js";
import { gameDaySchema } from "./schema/game-day.js";

/** Of a game day's file. */
export const GAME_DAY_FORMAT: DocumentFormat = {
  schema: gameDaySchema,
  versionKey: "gameday",
  keysReadBefore: ["vars"],
  otherNames: {
    title: ["name"],
    team: ["owner"],
    tz: ["timezone"],
    zone: ["timezone"],
    at: ["cron"],
    when: ["cron", "schedule"],
    every: ["cron"],
    blackout: ["quiet"],
    holidays: ["quiet"],
    ics: ["ical"],
    calendar: ["ical"],
    conditions: ["preflight"],
    checks: ["preflight"],
    cmd: ["command", "run"],
    exec: ["command", "run"],
    url: ["webhook", "http"],
    experiments: ["scenarios"],
    steps: ["scenarios"],
    retention: ["keep"],
    todo: ["actions"],
    exemptions: ["exempt"],
    waivers: ["exempt"],
    until: ["expires"],
    why: ["reason"],
    items: ["actions"],
    events: ["on"],
  },
  saidElsewhere: [
    {
      keys: ["faultline"],
      words: "a game day begins with `gameday: 1`, a scenario with `faultline: 1`",
      from: /^$/,
    },
  ],
  homes: [
    { path: [], words: "it belongs to the top level", from: /./ },
    { path: ["schedule"], words: "it belongs under schedule", from: /^(?!schedule$)/ },
    { path: ["roles"], words: "it belongs under roles", from: /^(?!roles$)/ },
  ],
};
