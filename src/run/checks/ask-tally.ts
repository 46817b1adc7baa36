import type { Judged } from "../../checks/asked.js";
import type { CheckAsks } from "../../measure/checks/check-record.js";
import type { CheckTime } from "../../plan/checks/check-spec.js";
import { type FaultRound, labelOf, laterRound } from "../../plan/fault-round.js";

/** When a check was asked. */
export interface Moment {
  readonly when: CheckTime;
  /** Id of the phase. null: at the end. */
  readonly phase: string | null;
  readonly fault: FaultRound | null;
}

/** What came of asking a check once. */
export interface OneAsk {
  /** Seconds since load began. */
  readonly atS: number;
  readonly judged: Judged;
  readonly attempts: number;
  /** Seconds from the end of the load. null: it did not hold, or was not asked at the end. */
  readonly heldAfterS: number | null;
}

/** Counts what came of asking one check, phase by phase. Of thousands of asks it keeps the first that tells something. */
export class AskTally {
  readonly #byPhase = new Map<string | null, CheckAsks>();

  /** @returns whether it is the first of its kind in this phase. */
  add(moment: Moment, { atS, judged, attempts, heldAfterS }: OneAsk): boolean {
    const before = this.#byPhase.get(moment.phase) ?? noneOf(moment);
    const isNews = before[judged.kind] === 0;
    const after: CheckAsks = {
      ...before,
      asked: before.asked + 1,
      attempts: before.attempts + attempts,
      [judged.kind]: before[judged.kind] + 1,
      ...(heldAfterS === null ? {} : { heldAfterS }),
      ...(isNews && judged.kind === "broken" ? { firstBroken: { atS, reason: judged.reason } } : {}),
      ...(isNews && judged.kind === "unasked"
        ? { firstUnasked: { atS, why: judged.why, reason: judged.reason, output: judged.output } }
        : {}),
    };
    this.#byPhase.set(moment.phase, after);
    return isNews;
  }

  /** What was counted elsewhere. */
  put(asks: CheckAsks): void {
    this.#byPhase.set(asks.phase, asks);
  }

  /** In the order of the run. */
  asks(): CheckAsks[] {
    const all = [...this.#byPhase.values()];
    return [...all.filter(({ phase }) => phase !== null), ...all.filter(({ phase }) => phase === null)];
  }
}

function noneOf({ when, phase, fault }: Moment): CheckAsks {
  return {
    when,
    phase,
    fault: fault === null ? null : labelOf(fault),
    ...(fault === null ? {} : laterRound(fault)),
    asked: 0,
    held: 0,
    broken: 0,
    unasked: 0,
    attempts: 0,
  };
}
