import type { CompletedSecond } from "../../measure/checks/completions-record.js";
import type { IdLooks } from "./id-looks.js";
import type { SentIds } from "./sent-ids.js";

/** A phase whose requests are judged. Seconds since load began. */
export interface JudgedSpan {
  readonly id: string;
  readonly startS: number;
  readonly durationS: number;
  /** Entries of its other series. */
  readonly seconds: number;
}

/**
 * How long the acknowledged requests of each phase took until they were stored, by the second in which they were due.
 * @param injectedAtS when faults went in, in their order. The time of a request that is under way then counts up to there: the rest of it
 *   is not the earlier phase's alone.
 * @returns by the phases' ids.
 */
export function completionsByPhase(
  sent: SentIds,
  looks: IdLooks,
  spans: readonly JudgedSpan[],
  injectedAtS: readonly number[],
): ReadonlyMap<string, readonly CompletedSecond[]> {
  const found = spans.map((span) => ({
    span,
    seconds: Array.from({ length: span.seconds }, () => new SecondCounts()),
  }));
  for (const [, { id, fate, dueMs, endedMs }] of sent.all()) {
    if (fate !== "acknowledged") continue;
    const second = secondOf(found, dueMs);
    if (second === undefined) continue;
    const nextMs = 1000 * (injectedAtS.find((atS) => 1000 * atS > dueMs) ?? Number.POSITIVE_INFINITY);
    const underWayMs = looks.underWayMs(id, endedMs, nextMs);
    const time = looks.timeOf(id, endedMs);
    if (time === "never") second.never += 1;
    else if (underWayMs === null) second.completed(time.overMs, time.withinMs);
    else second.cut(underWayMs, time.withinMs);
  }
  return new Map(found.map(({ span, seconds }) => [span.id, seconds.map((each) => each.record())]));
}

function secondOf(
  found: readonly { readonly span: JudgedSpan; readonly seconds: readonly SecondCounts[] }[],
  dueMs: number,
): SecondCounts | undefined {
  for (const { span, seconds } of found) {
    const intoS = dueMs / 1000 - span.startS;
    if (intoS >= 0 && intoS < span.durationS) return seconds[Math.floor(intoS)];
  }
  return undefined;
}

class SecondCounts {
  never = 0;
  readonly #completed = new Map<string, { fromMs: number; toMs: number; count: number }>();
  readonly #underWay = new Map<string, { forMs: number; toMs: number; count: number }>();

  completed(overMs: number, withinMs: number): void {
    const [fromMs, toMs] = [roundedDown(overMs), roundedUp(withinMs)];
    const key = `${fromMs} ${toMs}`;
    const known = this.#completed.get(key);
    if (known) known.count += 1;
    else this.#completed.set(key, { fromMs, toMs, count: 1 });
  }

  cut(underWayMs: number, withinMs: number): void {
    const [forMs, toMs] = [roundedDown(underWayMs), roundedUp(withinMs)];
    const key = `${forMs} ${toMs}`;
    const known = this.#underWay.get(key);
    if (known) known.count += 1;
    else this.#underWay.set(key, { forMs, toMs, count: 1 });
  }

  record(): CompletedSecond {
    const groups = [...this.#completed.values()];
    const cut = [...this.#underWay.values()];
    return {
      fromMs: groups.map(({ fromMs }) => fromMs),
      toMs: groups.map(({ toMs }) => toMs),
      count: groups.map(({ count }) => count),
      ...(cut.length === 0
        ? {}
        : {
            underWayMs: cut.map(({ forMs }) => forMs),
            underWayToMs: cut.map(({ toMs }) => toMs),
            underWay: cut.map(({ count }) => count),
          }),
      ...(this.never === 0 ? {} : { never: this.never }),
    };
  }
}

/** Times are kept to a twentieth, so that a second has few groups. Limits such as 1.5 s and 30 s are kept exactly. */
const STEPS = 20;
const LEAST_STEP_MS = 10;

export function roundedDown(ms: number): number {
  const step = stepFor(ms);
  return Math.floor(ms / step) * step;
}

export function roundedUp(ms: number): number {
  const step = stepFor(ms);
  return Math.ceil(ms / step) * step;
}

/** 1, 2 or 5 times a power of ten. */
function stepFor(ms: number): number {
  const most = Math.max(LEAST_STEP_MS, ms / STEPS);
  const power = 10 ** Math.floor(Math.log10(most) + 1e-9);
  return power * (most >= 5 * power ? 5 : most >= 2 * power ? 2 : 1);
}
