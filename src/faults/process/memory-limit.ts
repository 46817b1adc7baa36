import { monotonicMs, sleep, waited } from "../../support/clock.js";
import { FaultlineError, messageOf } from "../../support/errors.js";
import { formatSeconds } from "../../support/format.js";
import type { RunningService } from "../fault-driver.js";
import { amountText } from "../process-action.js";
import { type Hold, type HoldProof, nothingThere } from "./hold.js";
import { type MemoryGroup, TooMuchHeld } from "./memory-group.js";

const LOOK_MS = 100;
/** How long a killed process may take to be gone. */
const KILLED_MS = 2_000;

export interface MemoryLimitOptions {
  readonly bytes: number;
  /** Time from when the kernel has killed the service until it is started again. null: it stays dead. */
  readonly restartMs: number | null;
  readonly group: MemoryGroup;
  /** Puts an event on the timeline. */
  readonly onEvent: (text: string) => void;
}

/** A service that gets at most so much memory. When it needs more, the kernel kills one of its processes. */
export class MemoryLimit implements Hold {
  readonly #service: RunningService;
  readonly #options: MemoryLimitOptions;
  readonly #lifted = new AbortController();
  #processes = 0;
  #isPlaced = false;
  #restarts = 0;
  #hasKeptDown = false;
  /** While it is being started again: resolves when its first process runs, or when it does not come back. */
  #starting: Promise<unknown> | null = null;
  #isComingBack = false;
  /** Processes that the kernel had killed when the service last began under the limit. */
  #killedBefore = 0;

  constructor(service: RunningService, options: MemoryLimitOptions) {
    this.#service = service;
    this.#options = options;
  }

  async place(): Promise<void> {
    const { bytes, group } = this.#options;
    this.#processes = this.#service.living().length;
    if (this.#processes === 0) return;
    try {
      await group.limit(bytes, () => this.#service.living());
    } catch (error) {
      throw this.#notPlaced(error);
    }
    this.#isPlaced = true;
    this.#expectKill();
    void this.#watch();
  }

  get keepsDown(): boolean {
    return this.#isPlaced && (this.#service.ending !== null || this.#isComingBack);
  }

  get hasKeptDown(): boolean {
    return this.#hasKeptDown;
  }

  get staysDone(): boolean {
    return this.#isPlaced && this.#options.restartMs === null && this.#service.ending !== null;
  }

  prove(): HoldProof {
    if (!this.#isPlaced) return nothingThere(this.#service);
    const { bytes, group, restartMs } = this.#options;
    const { mostBytes, hasReached, killed } = group;
    return {
      proven: hasReached,
      isIdle: !hasReached,
      evidence: {
        deed: "memory",
        bytes,
        way: group.version === 2 ? "cgroup v2" : "cgroup v1",
        processes: this.#processes,
        mostBytes,
        hasReached,
        killed,
        isToReturn: restartMs !== null,
        restarts: this.#restarts,
      },
    };
  }

  /** A killed service that is to come back does so now. Whoever asks for it next finds its process. */
  async lift(): Promise<void> {
    if (this.#lifted.signal.aborted) return;
    this.#lifted.abort();
    this.#options.group.lift();
    if (!this.#isPlaced) return;
    await this.#endOfKilled();
    if (this.#isComingBack) await this.#starting;
    else if (this.#service.ending === null) this.#service.expectEnd(false);
    else if (this.#options.restartMs !== null) {
      void this.#startAgain();
      await this.#starting;
    }
  }

  /** The system takes its time to end a process that holds much. What ends soon after was killed by the fault. */
  async #endOfKilled(): Promise<void> {
    const deadlineMs = monotonicMs() + KILLED_MS;
    while (this.#wasKilled && this.#service.ending === null && monotonicMs() < deadlineMs) await sleep(20);
  }

  /** An end counts as the fault's when the kernel has killed one of its processes since. */
  #expectKill(): void {
    this.#killedBefore = this.#options.group.killed;
    this.#service.expectEnd(() => this.#wasKilled);
  }

  get #wasKilled(): boolean {
    return this.#options.group.killed > this.#killedBefore;
  }

  async #watch(): Promise<void> {
    let isTold = false;
    while (await this.#pause(LOOK_MS)) {
      this.#options.group.look();
      if (this.#service.ending === null) {
        isTold = false;
        continue;
      }
      // An end of its own ends the run.
      if (!this.#wasKilled) return;
      const { restartMs, onEvent, bytes } = this.#options;
      this.#hasKeptDown = true;
      if (!isTold)
        onEvent(`${this.#service.name} needed more than ${amountText(bytes)}, and the kernel killed it`);
      isTold = true;
      if (restartMs === null) continue;
      if ((await this.#pause(restartMs)) && !(await this.#startAgain())) return;
    }
  }

  /** @returns false when it does not come back. The run is told then, and ends. */
  async #startAgain(): Promise<boolean> {
    const { name } = this.#service;
    const { onEvent } = this.#options;
    const beganMs = monotonicMs();
    this.#isComingBack = true;
    let onStarted = () => {};
    this.#starting = new Promise<void>((resolve) => {
      onStarted = resolve;
    });
    try {
      const isReady = await this.#service.startAgain(() => {
        this.#restarts += 1;
        if (!this.#lifted.signal.aborted) this.#expectKill();
        onEvent(`${name} was started again`);
        onStarted();
      });
      const tookS = (monotonicMs() - beganMs) / 1000;
      if (isReady) onEvent(`${name} is back ${formatSeconds(tookS)} after it was started again`);
      // It was killed once more right before the limit was lifted.
      return isReady || !this.#lifted.signal.aborted || (await this.#startAgain());
    } catch {
      return false;
    } finally {
      this.#isComingBack = false;
      onStarted();
    }
  }

  #notPlaced(error: unknown): FaultlineError {
    const { name } = this.#service;
    const { bytes } = this.#options;
    if (!(error instanceof TooMuchHeld)) {
      const why = `the memory of ${name} could not be limited: ${messageOf(error)}`;
      return new FaultlineError("FAULT_NOT_PLACED", why, { cause: error });
    }
    const { heldBytes } = error;
    return new FaultlineError(
      "FAULT_NOT_PLACED",
      `${name} holds ${amountText(heldBytes, bytes)} already, more than memory: ${amountText(bytes)}. Give it more than it needs without a fault, or use \`kill\``,
    );
  }

  /** @returns false when the fault was taken out meanwhile. */
  #pause(ms: number): Promise<boolean> {
    return waited(ms, this.#lifted.signal);
  }
}
