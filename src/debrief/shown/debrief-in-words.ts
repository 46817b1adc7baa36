/** Texts that both pages of a debrief share, so that they agree to the digit. */

import type { FaultOfDay } from "../../gameday/report/game-day-report.js";
import { responseText } from "../../gameday/report/response-in-words.js";
import { countOf } from "../../support/count-of.js";
import { formatCount, formatSeconds, formatTiming, NOTHING } from "../../support/format.js";
import type { Debrief } from "../facts/debrief.js";
import type { DetectedFault } from "../facts/detection.js";
import { scoreOf } from "../facts/earlier-days.js";
import type { Surprise } from "../facts/surprises.js";
import { wordsOfVerdict } from "./day-words.js";

/** "2026-11-27 10:00 UTC" */
export function dayAndTime(iso: string): string {
  const time = new Date(iso);
  return Number.isNaN(time.getTime()) ? iso : `${time.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** "10:00:12", UTC. */
export function clockOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(11, 19);
}

/** When, how long, who: the line under the headline. */
export function dayFacts({ day }: Debrief): readonly string[] {
  const { owner, roles = {} } = day;
  const named = (role: string, who: string | null | undefined) => (who ? [`${role} ${who}`] : []);
  return [
    formatSeconds(day.durationS),
    `exercise ${day.exerciseId}`,
    ...(day.blind ? [`blind: one of ${countOf(day.blind.of.length, "scenario")}, picked by chance`] : []),
    ...named("owner", roles.owner ?? owner),
    ...named("coordinator", roles.coordinator),
    ...named("observers", roles.observers),
  ];
}

/** A sentence that begins with its subject and goes on in `text`. */
export interface Statement {
  readonly subject: string | null;
  readonly text: string;
}

export function surpriseInWords(surprise: Surprise): Statement {
  switch (surprise.id) {
    case "expectation_not_met":
      return {
        subject: surprise.scenario.file,
        text: `"${surprise.hypothesis}" was expected, and did not hold.`,
      };
    case "verdict_changed": {
      const [before, now] = [surprise.before, surprise.scenario].map(
        ({ verdict, exitCode }) => wordsOfVerdict(verdict, exitCode).word,
      );
      return {
        subject: surprise.scenario.file,
        text: `${now ?? ""}; it was ${before ?? ""} on ${dayAndTime(surprise.on)}.`,
      };
    }
    case "finding":
      return { subject: surprise.fault, text: surprise.text };
    case "note": {
      const { note, during } = surprise;
      const when = during === null ? "" : `, ${formatSeconds(during.seconds)} after "${during.fault}" began`;
      return { subject: `${note.by}${when}`, text: note.text };
    }
  }
}

/** "exempt until 2027-01-31: no fallback before SHOP-12, @payments" */
export function exemptionText({ reason, owner, expires }: NonNullable<FaultOfDay["exempt"]>): string {
  return `exempt until ${expires}: ${reason}, ${owner}`;
}

/** How one fault was noticed: today, and in brackets the last time. */
export interface DetectionCells {
  readonly slo: string;
  readonly alert: string;
  readonly person: string;
  /** What people did after they had noticed it. "" when they said nothing of it. */
  readonly further: string;
  readonly recovery: string;
}

export function detectionCells({ fault, alert, response, before }: DetectedFault): DetectionCells {
  return {
    slo: withLast(sloText(fault.detection), before === null ? null : sloText(before.detection)),
    alert: alert === null ? "none named" : `${alert}: not watched`,
    person: withLast(personText(response), before === null ? null : personText(before.response)),
    further: furtherText(response),
    recovery: backText(fault),
  };
}

function withLast(now: string, last: string | null): string {
  return last === null ? now : `${now} (last time: ${last})`;
}

function sloText({ seconds, censored }: DetectedFault["fault"]["detection"]): string {
  if (seconds === null) return NOTHING;
  return censored ? "no SLO broke" : formatSeconds(seconds);
}

function personText(response: DetectedFault["response"]): string {
  if (response === null) return NOTHING;
  const { detected } = response;
  return detected === null ? "nobody" : `${formatSeconds(Math.round(detected.afterS))}, ${detected.by}`;
}

function furtherText(response: DetectedFault["response"]): string {
  const isTold = response !== null && (response.theories.length > 0 || response.mitigated !== null);
  return isTold ? responseText(response) : "";
}

function backText({ recovery }: DetectedFault["fault"]): string {
  return recovery.seconds === 0 && !recovery.censored ? "at once" : formatTiming(recovery);
}

/** One of the days that stand side by side. */
export interface DayRow {
  readonly when: string;
  readonly verdict: Debrief["day"]["verdict"];
  readonly score: string;
  /** In the order of today's scenarios. null: the scenario was not part of that day. */
  readonly scenarios: readonly (ReturnType<typeof wordsOfVerdict> | null)[];
  readonly page: string | null;
  readonly isToday: boolean;
}

/** The rows, today first. */
export function dayRows({ day, earlier }: Debrief): readonly DayRow[] {
  const row = (one: Debrief["day"], page: string | null): DayRow => {
    const score = scoreOf(one);
    return {
      when: dayAndTime(one.startedAt),
      verdict: one.verdict,
      score: score === null ? NOTHING : formatCount(Math.floor(score)),
      scenarios: day.scenarios.map(({ file }) => {
        const then = one.scenarios.find((scenario) => scenario.file === file);
        return then ? wordsOfVerdict(then.verdict, then.exitCode) : null;
      }),
      page,
      isToday: one === day,
    };
  };
  return [row(day, null), ...earlier.map((before) => row(before.day, before.page))];
}

export const ALERT_NOTE =
  "Alerts are not watched: whether one fired is not known here. By a person: the first note after the fault began, and before the next one did.";
export const EXPECTED_NOTE = "Whether an expectation was met goes by the verdict of its scenario.";
