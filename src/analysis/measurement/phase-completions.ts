import type { CompletedSecond, CompletionsRecord } from "../../measure/checks/completions-record.js";
import type { PhaseRecord } from "../../measure/record.js";
import type { BadSeries, CompletionBound, Completions, Latency } from "../../slo/observations.js";
import { sum } from "../statistics/intervals.js";

/** @param name of the check, or of its requests where no check is called so. */
export function completionsIn({ completions = [] }: PhaseRecord, name: string): PhaseCompletions | null {
  const found =
    completions.find(({ check }) => check === name) ?? completions.find(({ request }) => request === name);
  return found === undefined ? null : new PhaseCompletions(found);
}

/** What looks at a set of ids tell of one phase. */
export class PhaseCompletions implements Completions {
  readonly check: string;
  readonly #seconds: readonly CompletedSecond[];

  constructor({ check, seconds }: CompletionsRecord) {
    this.check = check;
    this.#seconds = seconds;
  }

  get acknowledged(): number {
    return sum(
      this.#seconds.map(({ count, underWay = [], never = 0 }) => sum(count) + sum(underWay) + never),
    );
  }

  get never(): number {
    return sum(this.#seconds.map(({ never = 0 }) => never));
  }

  series(limitMs: number, bound: CompletionBound): BadSeries {
    const counted = this.#seconds.map((second) => inSecond(second, limitMs, bound));
    return { due: counted.map(({ due }) => due), bad: counted.map(({ bad }) => bad) };
  }

  /**
   * An id that was under way when the next fault went in took at least as long as until then, and at most as long as it
   * did in spite of that fault.
   */
  quantile(q: number, bound: CompletionBound): Latency {
    const all = this.#seconds.flatMap((second) => [...boundsOf(second, bound), ...cutBounds(second, bound)]);
    all.sort((a, b) => a.ms - b.ms);
    const due = this.acknowledged;
    if (due === 0) return null;
    let good = 0;
    for (const { ms, count } of all) {
      good += count;
      if (good >= q * due - 1e-9 * due) return Number.isFinite(ms) ? ms : "inf";
    }
    return "inf";
  }

  undecided(limitMs: number): number {
    const open = this.#seconds.flatMap(({ underWayMs = [], underWayToMs = [], underWay = [] }) =>
      underWayMs.map((ms, at) => {
        const toMs = underWayToMs[at] ?? Number.POSITIVE_INFINITY;
        return ms < limitMs && toMs > limitMs ? (underWay[at] ?? 0) : 0;
      }),
    );
    return sum(open);
  }
}

/**
 * Of ids that were under way when the next fault went in, a fail counts those that had waited too long by then. A pass
 * counts all: those that were soon there in spite of that fault are good, and of the others nobody knows.
 */
function inSecond(
  second: CompletedSecond,
  limitMs: number,
  bound: CompletionBound,
): { readonly due: number; readonly bad: number } {
  const { underWayMs = [], underWay = [], never = 0 } = second;
  const late = countAbove(boundsOf(second, bound), limitMs);
  if (bound === "at_most") {
    const cutLate = countAbove(cutBounds(second, bound), limitMs);
    return { due: sum(second.count) + sum(underWay) + never, bad: late + cutLate + never };
  }
  const waited = sum(underWayMs.map((ms, at) => (ms >= limitMs ? (underWay[at] ?? 0) : 0)));
  return { due: sum(second.count) + waited + never, bad: late + waited + never };
}

interface Group {
  readonly ms: number;
  readonly count: number;
}

function countAbove(groups: readonly Group[], limitMs: number): number {
  return sum(groups.map(({ ms, count }) => (ms > limitMs ? count : 0)));
}

function boundsOf(
  { fromMs, toMs, count }: Pick<CompletedSecond, "fromMs" | "toMs" | "count">,
  bound: CompletionBound,
): Group[] {
  return (bound === "at_least" ? fromMs : toMs).map((ms, at) => ({ ms, count: count[at] ?? 0 }));
}

/** Older records do not know when those were there. */
function cutBounds(
  { underWayMs = [], underWayToMs = [], underWay = [] }: CompletedSecond,
  bound: CompletionBound,
): Group[] {
  return underWayMs.map((ms, at) => ({
    ms: bound === "at_least" ? ms : (underWayToMs[at] ?? Number.POSITIVE_INFINITY),
    count: underWay[at] ?? 0,
  }));
}
