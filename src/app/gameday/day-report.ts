import type { GameDay } from "../../gameday/read-game-day.js";
import {
  type ActionOfDay,
  type ConditionOfDay,
  GAME_DAY_REPORT_VERSION,
  type GameDayReport,
  type ScenarioOfDay,
} from "../../gameday/report/game-day-report.js";
import type { RunRecord } from "../../measure/record.js";
import type { HaltOrder } from "../../run/listening/halt-order.js";
import type { Note } from "../../run/listening/note.js";
import { redact } from "../../support/redact.js";
import { toolVersion } from "../tool-version.js";
import { decided } from "./day-actions.js";
import { responsesTo } from "./response.js";
import { textsWithoutSecrets } from "./scenario-of-day.js";

/** What is known of a game day when it is over. */
export interface DayFacts {
  readonly gameDay: GameDay;
  readonly exerciseId: string;
  readonly startedAt: Date;
  readonly durationMs: number;
  readonly conclusion: Pick<GameDayReport, "verdict" | "exitCode" | "reason">;
  readonly conditions: readonly ConditionOfDay[];
  readonly scenarios: readonly ScenarioOfDay[];
  /** In the order of `scenarios`. A note may be about a run that is over. */
  readonly records: readonly (RunRecord | null)[];
  readonly notes: readonly Note[];
  /** null: all scenarios were known. */
  readonly blind: NonNullable<GameDayReport["blind"]> | null;
  readonly halt: HaltOrder | null;
  /** The action items as they were before. null: the team keeps none. */
  readonly actions: readonly ActionOfDay[] | null;
}

/** What day.json says, but for the notices. */
export function dayReport(facts: DayFacts): Omit<GameDayReport, "notices"> {
  const { data, file, sha256, secrets } = facts.gameDay;
  const mask = (text: string) => redact(text, secrets);
  return {
    formatVersion: GAME_DAY_REPORT_VERSION,
    tool: { name: "faultline", version: toolVersion() },
    exerciseId: facts.exerciseId,
    name: mask(data.name),
    owner: data.owner === undefined ? null : mask(data.owner),
    roles: textsWithoutSecrets(data.roles, secrets),
    file,
    sha256,
    startedAt: facts.startedAt.toISOString(),
    durationS: Math.round(facts.durationMs) / 1000,
    ...facts.conclusion,
    preflight: [...facts.conditions],
    scenarios: withResponses(facts),
    notes: [...facts.notes],
    ...(facts.blind ? { blind: facts.blind } : {}),
    halt: facts.halt,
    ...(facts.actions === null ? {} : { actions: [...decided(facts.actions, facts.scenarios)] }),
  };
}

/** With who saw what of their faults, and when. */
function withResponses({ records, notes, scenarios }: DayFacts): ScenarioOfDay[] {
  const responses = responsesTo(records, notes);
  return scenarios.map((scenario, place) => {
    const own = responses[place];
    return own ? { ...scenario, responses: [...own] } : scenario;
  });
}
