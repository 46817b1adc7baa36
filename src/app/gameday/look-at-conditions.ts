import { whyNotHeld } from "../../gameday/preflight/check-condition.js";
import type { GameDay } from "../../gameday/read-game-day.js";
import type { ConditionOfDay } from "../../gameday/report/game-day-report.js";
import { monotonicMs } from "../../support/clock.js";
import { redact } from "../../support/redact.js";

export interface LookOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly allowHosts: readonly string[];
  readonly exerciseId: string;
  readonly stop: AbortSignal;
  /** Is told of each condition that was looked at. */
  readonly looked: (condition: ConditionOfDay) => void;
}

/**
 * Looks at all conditions, so that the reader knows everything that is left to do.
 * @returns false when somebody has ended the day before all had been looked at.
 */
export async function lookAtConditions(
  { data, folder, secrets }: GameDay,
  { env, allowHosts, exerciseId, stop, looked }: LookOptions,
): Promise<boolean> {
  const mask = (text: string) => redact(text, secrets);
  const surroundings = { ...env, FAULTLINE_EXERCISE_ID: exerciseId };
  for (const condition of data.preflight) {
    if (stop.aborted) return false;
    const beganMs = monotonicMs();
    const why = await whyNotHeld(condition, { folder, env: surroundings, allowHosts, signal: stop, mask });
    // An answer says nothing of the system when somebody has ended the asking.
    if (stop.aborted) return false;
    looked({
      name: mask(condition.name),
      holds: why === null,
      reason: why === null ? null : mask(why),
      durationMs: Math.round(monotonicMs() - beganMs),
    });
  }
  return true;
}
