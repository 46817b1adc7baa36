import type { LatencyLimit } from "../../measure/latency-limits.js";
import {
  type SecondReport,
  SegmentAccumulator,
  type SegmentMeasurement,
} from "../../measure/segment-accumulator.js";
import type { SegmentProgress } from "../thread-messages.js";
import type { Absences } from "./absences.js";
import { GatheredSeconds } from "./gathered-seconds.js";
import { type LostShare, lostWorkersOf, reasonsOf } from "./lost-shares.js";
import { type Settlement, settlement } from "./settlement.js";
import { unsentSeconds } from "./unsent-seconds.js";

export interface SegmentOptions {
  readonly startMs: number;
  readonly startedAt: string;
  readonly limits: readonly LatencyLimit[];
  /** Names of requests, by their number in the mix. */
  readonly names: readonly string[];
  readonly tellDegraded: ReadonlySet<string>;
  /** A request may go out once more: to where its answer leads, or with the answer to a challenge. */
  readonly sendsMore: boolean;
  /** What is timed beside single requests. */
  readonly timedNames: readonly string[];
  /** All generators of the load. */
  readonly generators: number;
  readonly alive: ReadonlySet<number>;
  /** What is known of generators that are gone. null: a segment that has lost one says nothing any more. */
  readonly absences: Absences | null;
  /** Generators that were gone before the segment began. */
  readonly gone: ReadonlySet<number>;
  readonly lost: string | null;
}

/** For each generator that was asked: what it holds of seconds that it has not completed. */
export type HeldSeconds = ReadonlyMap<number, readonly SecondReport[]>;

/** A segment whose numbers are not complete. */
export class OpenSegment {
  readonly startMs: number;
  readonly #options: SegmentOptions;
  readonly #accumulator: SegmentAccumulator;
  readonly #gathered = new GatheredSeconds();
  /** Generators that still have requests of the segment without an outcome. */
  readonly #waitingFor: Set<number>;
  /** For each generator: the number of its seconds that are known. */
  readonly #known: Uint32Array;
  /** Generators that have not told all of the segment, and are gone. */
  readonly #absent: Set<number>;
  readonly #settlement: Settlement = settlement();
  /** So many of its first seconds are complete. */
  #complete = 0;
  #endMs: number | null = null;
  #lost: string | null;

  constructor(options: SegmentOptions) {
    const { startMs, names, limits, tellDegraded, sendsMore, timedNames } = options;
    this.startMs = startMs;
    this.#options = options;
    // What it gets is of all generators together.
    this.#accumulator = new SegmentAccumulator(names, limits, 1, tellDegraded, sendsMore, timedNames);
    this.#waitingFor = new Set(options.alive);
    this.#known = new Uint32Array(options.generators);
    this.#absent = new Set(options.absences === null ? [] : options.gone);
    this.#lost = options.lost;
  }

  /** null: it goes on. */
  get endMs(): number | null {
    return this.#endMs;
  }

  /** Resolves when every request of the segment has its outcome, or nobody is left who could tell. */
  get settled(): Promise<void> {
    if (this.isSettled) this.settle();
    return this.#settlement.settled;
  }

  get isSettled(): boolean {
    return this.#waitingFor.size === 0;
  }

  settle(): void {
    this.#settlement.settle();
  }

  end(endMs: number): void {
    this.#endMs ??= endMs;
  }

  /** Its numbers are not to be trusted. The first reason stays. */
  lose(reason: string): void {
    this.#lost ??= reason;
  }

  /** So many seconds are kept whole, with all their histograms. */
  get openSeconds(): number {
    return this.#gathered.told.length;
  }

  isAwaited(generator: number): boolean {
    return this.#waitingFor.has(generator);
  }

  progress({ totals, seconds }: SegmentProgress, generator: number): void {
    this.#accumulator.addTotals(totals);
    if (seconds.length === 0) return;
    for (const report of seconds) {
      const told = this.#gathered.add(report);
      this.#known[generator] = report.second + 1;
      if (this.#absent.size === 0 && told === this.#options.generators) this.#completeSecond(report.second);
    }
    this.#options.absences?.told(generator, this.startMs, this.#known[generator]!);
    if (this.#absent.size > 0) this.#completeWithoutAbsent();
  }

  /** @param endMs when the segment ended there. A generator that heard of the end too late had given it requests that were due after it. */
  drained(generator: number, endMs: number): void {
    this.#endMs = Math.max(this.#endMs ?? 0, endMs);
    this.#goOnWithout(generator);
  }

  /** The generator says nothing more. */
  gone(generator: number): void {
    if (this.#options.absences !== null && this.#waitingFor.has(generator)) this.#absent.add(generator);
    this.#goOnWithout(generator);
  }

  /**
   * @param nowMs its end, while it goes on.
   * @param isLast nothing is asked of the segment any more.
   */
  measure(nowMs: number, held: HeldSeconds, isLast: boolean): SegmentMeasurement {
    const { startMs } = this;
    const { startedAt } = this.#options;
    const endMs = this.#endMs ?? nowMs;
    const shares = [...this.#absent].map((generator) => this.#shareOf(generator, endMs));
    if (isLast && shares.length > 0) this.#accumulator.addTotals(reasonsOf(shares));
    const open = [...held].flatMap(([generator, reports]) =>
      // It may have completed them since. What one that is gone has told of them stands in its share.
      this.#absent.has(generator) ? [] : reports.filter(({ second }) => second >= this.#known[generator]!),
    );
    const reports = [...this.#gathered.reports, ...open, ...this.#missing(shares)];
    const durationS = Math.max(0, endMs - startMs) / 1000;
    const measured = this.#accumulator.measure(durationS, startedAt, reports, this.#lost);
    if (shares.length === 0) return measured;
    return { ...measured, lostWorkers: lostWorkersOf(shares, Math.ceil(durationS)) };
  }

  #completeSecond(second: number): void {
    this.#accumulator.addSecond(this.#gathered.take(second));
    this.#complete = second + 1;
  }

  /** Seconds that all have told but those that are gone, whose share of them is known. */
  #completeWithoutAbsent(): void {
    const { absences, generators, names, limits } = this.#options;
    for (const [second, told] of this.#gathered.told) {
      const missing = [...this.#absent].filter((generator) => this.#known[generator]! <= second);
      const isDrawn = absences?.isDrawn(this.startMs + 1000 * (second + 1)) ?? false;
      if (told + missing.length < generators || !isDrawn) return;
      const due = missing.flatMap((generator) => absences?.dueIn(generator, this.startMs, second) ?? []);
      for (const report of unsentSeconds(due, names, limits)) this.#gathered.add(report);
      this.#completeSecond(second);
    }
  }

  #goOnWithout(generator: number): void {
    this.#waitingFor.delete(generator);
    if (this.isSettled) this.settle();
  }

  #shareOf(generator: number, endMs: number): LostShare {
    const { absences } = this.#options;
    return {
      worker: absences?.workerOf(generator) ?? "",
      fromS: this.#known[generator]!,
      due: absences?.dueFrom(generator, this.startMs, endMs) ?? [],
    };
  }

  /** What was due from those that are gone, of seconds that are not complete. */
  #missing(shares: readonly LostShare[]): readonly SecondReport[] {
    const { names, limits } = this.#options;
    const due = shares.flatMap((share) => share.due.filter(({ second }) => second >= this.#complete));
    return unsentSeconds(due, names, limits);
  }
}
