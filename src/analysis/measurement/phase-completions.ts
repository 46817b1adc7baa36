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

  /** An id that was under way when a fault went in counts where its wait until then decides. */
  quantile(q: number, bound: CompletionBound): Latency {
    const all = this.#seconds.flatMap((second) => boundsOf(second, bound));
    all.sort((a, b) => a.ms - b.ms);
    const cut = this.#seconds.flatMap(({ underWayMs = [], underWay = [] }) =>
      underWayMs.map((ms, at) => ({ ms, count: underWay[at] ?? 0 })),
    );
    cut.sort((a, b) => a.ms - b.ms);
    const completed = sum(all.map(({ count }) => count));
    let waiting = sum(cut.map(({ count }) => count));
    if (completed + this.never === 0) return null;
    let good = 0;
    let nextCut = 0;
    for (const { ms, count } of all) {
      good += count;
      for (let each = cut[nextCut]; each !== undefined && each.ms < ms; each = cut[nextCut]) {
        waiting -= each.count;
        nextCut += 1;
      }
      const due = completed + this.never + waiting;
      if (good >= q * due - 1e-9 * due) return ms;
    }
    return "inf";
  }
}

function inSecond(
  { underWayMs = [], underWay = [], never = 0, ...second }: CompletedSecond,
  limitMs: number,
  bound: CompletionBound,
): { readonly due: number; readonly bad: number } {
  const bounds = boundsOf(second, bound);
  const late = sum(bounds.map(({ ms, count }) => (ms > limitMs ? count : 0)));
  const waited = sum(underWayMs.map((ms, at) => (ms >= limitMs ? (underWay[at] ?? 0) : 0)));
  return { due: sum(second.count) + waited + never, bad: late + waited + never };
}

function boundsOf(
  { fromMs, toMs, count }: Pick<CompletedSecond, "fromMs" | "toMs" | "count">,
  bound: CompletionBound,
): { ms: number; count: number }[] {
  return (bound === "at_least" ? fromMs : toMs).map((ms, at) => ({ ms, count: count[at] ?? 0 }));
}
