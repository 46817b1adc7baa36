import { setTimeout as wait } from "node:timers/promises";
import { monotonicMs, waited } from "../../support/clock.js";
import { messageOf } from "../../support/errors.js";
import { formatSeconds } from "../../support/format.js";
import type { RunningService } from "../fault-driver.js";
import { type Hold, type HoldProof, nothingThere } from "./hold.js";

/** The fault waits at most this long for the processes to be gone. Then its phase begins: a service may take its time to end. */
const GONE_MS = 1_000;
const LOOK_MS = 50;

export interface KillOptions {
  readonly signal: NodeJS.Signals;
  /** Time from the signal until the service is started again. null: it stays dead. */
  readonly restartMs: number | null;
  /** Puts an event on the timeline. */
  readonly onEvent: (text: string) => void;
}

/** Kills a service, and starts it again where the fault says so. */
export class Kill implements Hold {
  readonly #service: RunningService;
  readonly #options: KillOptions;
  readonly #lifted = new AbortController();
  /** The number of processes that the service had. */
  #processes = 0;
  #isFailureTold = false;
  #killedMs: number | null = null;
  #goneMs: number | null = null;
  #startedMs: number | null = null;
  #readyMs: number | null = null;

  constructor(service: RunningService, options: KillOptions) {
    this.#service = service;
    this.#options = options;
  }

  async place(): Promise<void> {
    const { signal } = this.#options;
    this.#processes = this.#service.living().length;
    if (this.#processes === 0) return;
    this.#service.expectEnd(true);
    this.#killedMs = monotonicMs();
    this.#service.signal(signal);
    // A stopped process acts on most signals only once it runs again.
    this.#service.signal("SIGCONT");
    const end = this.#watchEnd();
    // A service that takes long to clean up does so in the phase of the fault.
    await Promise.race([end, wait(GONE_MS)]);
    void this.#comeBack(end);
  }

  get overSinceMs(): number | null {
    return this.#startedMs;
  }

  get keepsDown(): boolean {
    return this.#killedMs !== null && this.#readyMs === null;
  }

  get staysDone(): boolean {
    return this.#options.restartMs === null;
  }

  prove(): HoldProof {
    if (this.#killedMs === null) return nothingThere(this.#service);
    const nowMs = monotonicMs();
    const { signal, restartMs } = this.#options;
    return {
      proven: this.#goneMs !== null && (restartMs === null || this.#startedMs !== null),
      evidence: {
        deed: "kill",
        signal,
        processes: this.#processes,
        goneAfterS: this.#since(this.#goneMs),
        lookedForS: this.#since(nowMs) ?? 0,
        isToReturn: restartMs !== null,
        startedAfterS: this.#since(this.#startedMs),
        readyAfterS: this.#since(this.#readyMs),
      },
    };
  }

  async lift(goesOn: boolean): Promise<void> {
    if (this.#lifted.signal.aborted) return;
    this.#lifted.abort();
    // A process that ignored the signal and ends later ends for a reason of its own.
    if (this.#killedMs !== null && this.#goneMs === null) this.#service.expectEnd(false);
    const isDue = this.#options.restartMs !== null && this.#goneMs !== null && this.#startedMs === null;
    if (goesOn && isDue) void this.#startAgain();
  }

  /** Resolves when none of its processes is left, or when the fault is taken out. */
  async #watchEnd(): Promise<void> {
    for (;;) {
      if (this.#isGone()) {
        this.#goneMs = monotonicMs();
        this.#options.onEvent(`${this.#service.name} is gone: none of its processes is left`);
        return;
      }
      if (!(await this.#pause(LOOK_MS))) return;
    }
  }

  /** A look may fail, for example when no file can be opened. It then says nothing, and the next one may succeed. */
  #isGone(): boolean {
    const { name } = this.#service;
    try {
      return this.#service.living().length === 0;
    } catch (error) {
      if (!this.#isFailureTold)
        this.#options.onEvent(`whether ${name} is gone could not be seen: ${messageOf(error)}`);
      this.#isFailureTold = true;
      return false;
    }
  }

  async #comeBack(end: Promise<void>): Promise<void> {
    const { restartMs } = this.#options;
    if (restartMs === null || this.#killedMs === null) return;
    const isDue = await this.#pause(Math.max(0, this.#killedMs + restartMs - monotonicMs()));
    await end;
    if (isDue && this.#goneMs !== null && !this.#lifted.signal.aborted) await this.#startAgain();
  }

  async #startAgain(): Promise<void> {
    const { name } = this.#service;
    try {
      await this.#service.startAgain(() => {
        this.#startedMs = monotonicMs();
        this.#options.onEvent(`${name} was started again`);
      });
      this.#readyMs = monotonicMs();
      const after = this.#since(this.#readyMs) ?? 0;
      this.#options.onEvent(`${name} is back ${formatSeconds(after)} after it was killed`);
    } catch {
      // The run is told, and ends with this error.
    }
  }

  /** @returns false when the fault was taken out meanwhile. */
  #pause(ms: number): Promise<boolean> {
    return waited(ms, this.#lifted.signal);
  }

  #since(atMs: number | null): number | null {
    return atMs === null || this.#killedMs === null ? null : Math.round(atMs - this.#killedMs) / 1000;
  }
}
