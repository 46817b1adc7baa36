import type { Report } from "../analysis/document/report.js";
import { type EndedSecond, EndedSeconds } from "../measure/live/ended-seconds.js";
import type { RunEvent } from "../measure/record.js";
import type { LiveNumbers, LiveTrace, PhaseStart } from "../measure/run-in-progress.js";
import { monotonicMs } from "../support/clock.js";
import { NOTHING_YET, type PhaseTotals, withSecond } from "./phase-totals.js";
import type { ToldItem, ToldPhase, ToldTrace } from "./told.js";

/** Examples of one second. */
const MOST_EXAMPLES = 20;

interface OpenPhase {
  readonly phase: ToldPhase;
  soFar: PhaseTotals;
}

/** Makes of what happens in a run what is told of it, in order. */
export class ToldRun {
  /** A jump of the machine's clock must not turn the order around. */
  readonly #unixOffsetMs = Date.now() - monotonicMs();
  readonly #seconds = new EndedSeconds();
  #open: OpenPhase | null = null;
  /** A phase that is measured again has the id of the one before. */
  readonly #phases = new Map<string, ToldPhase>();
  /** Of phases that are not known: they may have begun just now. They are told with the next ones, whatever is known then. */
  #early: readonly LiveTrace[] = [];
  /** Since the last second. */
  #traces: ToldTrace[] = [];
  #loadStartMs: number | null = null;
  #lastMs = 0;

  phase({ id, kind, fault, trial }: PhaseStart): readonly ToldItem[] {
    const before = this.#close();
    const atMs = this.#nextMs();
    const phase = { id, kind, fault, trial, begunAtMs: atMs };
    this.#open = { phase, soFar: NOTHING_YET };
    this.#phases.set(id, phase);
    this.#loadStartMs ??= atMs;
    return [...before, { kind: "phase_begun", atMs, phase, soFar: NOTHING_YET }];
  }

  live(numbers: LiveNumbers): readonly ToldItem[] {
    return this.#second(this.#seconds.add(numbers));
  }

  traces(live: readonly LiveTrace[]): readonly ToldItem[] {
    const isKnown = ({ phase }: LiveTrace) => this.#phases.has(phase);
    const waited = this.#early;
    this.#early = live.filter((trace) => !isKnown(trace));
    return this.#told([...waited, ...live.filter(isKnown)]);
  }

  #told(live: readonly LiveTrace[]): readonly ToldItem[] {
    if (live.length === 0) return [];
    const traces = live.map(({ phase, dueMs, ...trace }) => ({
      ...trace,
      phase: this.#phases.get(phase) ?? null,
      dueAtMs: dueMs + this.#unixOffsetMs,
    }));
    this.#traces = [...this.#traces, ...traces].slice(-MOST_EXAMPLES);
    return [{ kind: "traces", atMs: this.#nextMs(), traces }];
  }

  event(event: RunEvent): readonly ToldItem[] {
    return [{ kind: "event", atMs: this.#nextMs(), event }];
  }

  /** Nothing more is measured. */
  over(): readonly ToldItem[] {
    return [...this.#told(this.#early), ...this.#close()];
  }

  judged(report: Report): ToldItem {
    return { kind: "judged", atMs: this.#nextMs(), report, loadStartMs: this.#loadStartMs };
  }

  #close(): readonly ToldItem[] {
    const last = this.#second(this.#seconds.cut());
    const open = this.#open;
    this.#open = null;
    return open ? [...last, { kind: "phase_over", atMs: this.#nextMs(), phase: open.phase }] : last;
  }

  #second(second: EndedSecond | null): readonly ToldItem[] {
    const open = this.#open;
    if (second === null || open === null) return [];
    open.soFar = withSecond(open.soFar, second);
    const { phase, soFar } = open;
    const traces = this.#traces;
    this.#traces = [];
    return [{ kind: "second", atMs: this.#nextMs(), phase, second, soFar, traces }];
  }

  /** In whole milliseconds. No two are the same: a receiver would take the second for another word on the first. */
  #nextMs(): number {
    this.#lastMs = Math.max(this.#lastMs + 1, Math.round(monotonicMs() + this.#unixOffsetMs));
    return this.#lastMs;
  }
}
