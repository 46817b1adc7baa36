import { lockName } from "../gameday/lock-name.js";
import type { GameDay } from "../gameday/read-game-day.js";
import { type DueRun, DueRuns, scheduleOf } from "./due/due-runs.js";
import type { GameDayOutcome } from "./game-day-outcome.js";
import type { Memory } from "./memory.js";
import { recall, runRemembered } from "./remembered-run.js";
import type { SchedulerOptions } from "./scheduler-options.js";

/** A machine may take this long to get to a run. */
export const GRACE_MS = 60_000;

/** One game day, and how far it has come. */
interface Agenda {
  readonly gameDay: GameDay;
  readonly runs: DueRuns;
  memory: Memory;
  /** The first run that has not been dealt with. */
  next: DueRun | null;
}

/** Starts game days when they are due, one at a time. */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #graceMs: number;
  #agendas: Agenda[] = [];
  #wake = new AbortController();

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#graceMs = options.graceMs ?? GRACE_MS;
    options.stop.addEventListener("abort", () => this.#wake.abort(), { once: true });
  }

  /**
   * Replaces the game days. What is remembered of a game day counts: its runs after the last handled one are due. When
   * nothing is known of a game day, its runs from `sinceMs` on are due.
   */
  async take(gameDays: readonly GameDay[], sinceMs = this.#options.clock.nowMs()): Promise<void> {
    const agendas: Agenda[] = [];
    for (const gameDay of gameDays) agendas.push(...(await this.#agendaOf(gameDay, sinceMs)));
    this.#agendas = agendas;
    for (const agenda of agendas) this.#tellNext(agenda);
    this.#wake.abort();
  }

  /** Goes on until it is stopped. */
  async run(): Promise<void> {
    const { clock, stop } = this.#options;
    while (!stop.aborted) {
      await this.look();
      if (stop.aborted) return;
      this.#wake = new AbortController();
      const nextMs = Math.min(...this.#agendas.map(({ next }) => next?.startMs ?? Number.POSITIVE_INFINITY));
      await clock.waitUntil(nextMs, this.#wake.signal);
    }
  }

  /**
   * Runs what is due, in the order in which it became due.
   * @returns the outcomes.
   */
  async look(): Promise<readonly GameDayOutcome[]> {
    const { clock, stop } = this.#options;
    const outcomes: GameDayOutcome[] = [];
    let busySinceMs: number | null = null;
    const endedMs = new Map<string, number>();
    while (!stop.aborted) {
      const nowMs = clock.nowMs();
      const agenda = this.#earliest();
      if (!agenda?.next || agenda.next.startMs > nowMs) break;
      const lock = lockName(agenda.gameDay.data.name);
      // While another game day runs, nothing can begin on time.
      const due = await this.#dealWith(agenda, nowMs, endedMs.get(lock) ?? busySinceMs);
      if (due === null) continue;
      busySinceMs ??= nowMs;
      outcomes.push(await this.#start(agenda, due));
      endedMs.set(lock, clock.nowMs());
    }
    return outcomes;
  }

  #earliest(): Agenda | undefined {
    let earliest: Agenda | undefined;
    for (const agenda of this.#agendas) {
      if (agenda.next === null) continue;
      if (!earliest?.next || agenda.next.startMs < earliest.next.startMs) earliest = agenda;
    }
    return earliest;
  }

  async #agendaOf(gameDay: GameDay, sinceMs: number): Promise<readonly Agenda[]> {
    const schedule = scheduleOf(gameDay);
    if (schedule === null) return [];
    const runs = new DueRuns(schedule);
    const lock = lockName(gameDay.data.name);
    const known = this.#agendas.find((agenda) => lockName(agenda.gameDay.data.name) === lock);
    const memory = await recall(gameDay, sinceMs, this.#options, known?.memory);
    return [{ gameDay, runs, memory, next: runs.after(Date.parse(memory.handledUntil)) }];
  }

  /**
   * Goes past all runs whose time has come. A run that became due after `waitingSinceMs` is not late: it had to wait.
   * @returns the run to start; null: none of them.
   */
  async #dealWith(agenda: Agenda, nowMs: number, waitingSinceMs: number | null): Promise<DueRun | null> {
    const { gameDay } = agenda;
    const { tell } = this.#options;
    let first: DueRun | null = null;
    let last: DueRun | null = null;
    let count = 0;
    let handled: DueRun | null = null;
    for (let due = agenda.next; due !== null && due.startMs <= nowMs; due = agenda.next) {
      handled = due;
      agenda.next = agenda.runs.after(due.nominalMs);
      if (due.quiet) tell({ kind: "quiet", gameDay, due, window: due.quiet });
      else {
        first ??= due;
        last = due;
        count += 1;
      }
    }
    if (handled !== null)
      await this.#note(agenda, { handledUntil: new Date(handled.nominalMs).toISOString() });
    if (last === null || first === null) return null;
    const hadToWait = waitingSinceMs !== null && last.startMs >= waitingSinceMs;
    const isOnTime = hadToWait || nowMs - last.startMs <= this.#graceMs;
    const missed = isOnTime ? count - 1 : count;
    const catchesUp = gameDay.data.schedule?.catchUp === "once";
    if (missed > 0) tell({ kind: "missed", gameDay, count: missed, first, catchesUp: catchesUp || isOnTime });
    return isOnTime || catchesUp ? last : null;
  }

  async #start(agenda: Agenda, due: DueRun): Promise<GameDayOutcome> {
    const { gameDay } = agenda;
    const note = (news: Partial<Memory>) => this.#note(agenda, news);
    const outcome = await runRemembered(gameDay, due, note, this.#options);
    const current = this.#currentOf(agenda);
    if (current) this.#tellNext(current);
    return outcome;
  }

  #tellNext({ gameDay, next, memory }: Agenda): void {
    this.#options.tell({ kind: "next", gameDay, due: unquiet(next, gameDay), last: memory.last });
  }

  async #note(agenda: Agenda, news: Partial<Memory>): Promise<void> {
    agenda.memory = { ...agenda.memory, ...news };
    const current = this.#currentOf(agenda) ?? agenda;
    if (current !== agenda) {
      const { running, last } = agenda.memory;
      current.memory = { ...current.memory, running, last };
    }
    await this.#options.memory.write(current.memory);
  }

  /** The files may have been read anew while it ran. @returns undefined when it is in none of them any more. */
  #currentOf(agenda: Agenda): Agenda | undefined {
    const lock = lockName(agenda.gameDay.data.name);
    return this.#agendas.find(({ gameDay }) => lockName(gameDay.data.name) === lock);
  }
}

/** Looks past quiet times for as many runs as a year of weekly runs has. */
const MOST_QUIET = 60;

/** The first run from this one on that no quiet time covers. @returns null when none is found soon, or none exists. */
function unquiet(due: DueRun | null, gameDay: GameDay): DueRun | null {
  const schedule = scheduleOf(gameDay);
  if (schedule === null) return null;
  const runs = new DueRuns(schedule);
  let next = due;
  for (let looked = 0; next?.quiet && looked < MOST_QUIET; looked += 1) next = runs.after(next.nominalMs);
  return next?.quiet ? null : next;
}
