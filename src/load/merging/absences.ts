/** The share of generators that are gone. Nobody else sends it. */
export interface Absences {
  /** A segment begins or ends at this instant. It is told before anything is due after it. The first one begins the load. */
  change(atMs: number): void;
  /** A generator has told these first seconds of the segment that began at an instant. They are not asked for. */
  told(generator: number, startMs: number, seconds: number): void;
  /** A generator will say nothing more. */
  gone(generator: number): void;
  /** The load is over. */
  end(): void;
  /** Shares until an instant can be told at once. */
  isDrawn(untilMs: number): boolean;
  /** Resolves when shares until an instant can be told at once. Other work of this process goes on meanwhile. */
  caughtUp(untilMs: number): Promise<void>;
  /**
   * What was due from a generator in the segment that began at an instant, of what it had not told.
   * @param untilMs the end of the segment, which was told as a change, or now.
   * @returns null when the model has no schedule.
   */
  dueFrom(generator: number, startMs: number, untilMs: number): readonly DueCount[] | null;
  /** The same of one second, which is drawn. */
  dueIn(generator: number, startMs: number, second: number): readonly DueCount[];
  /** Nothing before this instant is asked for again. */
  forget(beforeMs: number): void;
  /** The name of the worker that the generator was a part of. */
  workerOf(generator: number): string;
}

/** So many requests of one name were due in one second. */
export interface DueCount {
  /** Counted from the segment's start. */
  readonly second: number;
  /** Its number in the mix. */
  readonly name: number;
  readonly count: number;
}
