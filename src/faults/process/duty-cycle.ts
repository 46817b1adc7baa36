import { monotonicMs } from "../../support/clock.js";
import { cpuSOf, type ProcessId, processTable } from "../../support/processes/process-table.js";
import type { RunningService } from "../fault-driver.js";
import { continueAll } from "./stopped.js";

/** Time between two looks at how much CPU time the service has had. */
const TICK_MS = 10;
/** Time between two searches for its processes. */
const LOOK_MS = 500;
/** The service gets its share in pieces of about this length, as from the kernel's quota. */
const PERIOD_MS = 100;

/**
 * Holds a service to a share of one core, where no control group can be made. It stops the service when it has had its
 * share, and lets it go on when the next piece is due.
 */
export class DutyCycle {
  readonly #service: RunningService;
  readonly #share: number;
  /** CPU time in ms that the service may still have. Below 0 it has had too much. */
  #creditMs: number;
  #atMs = monotonicMs();
  #lookedMs = Number.NEGATIVE_INFINITY;
  #processes: readonly ProcessId[] = [];
  #usedMs = 0;
  #isStopped = false;
  #timesHeld = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(service: RunningService, share: number) {
    this.#service = service;
    this.#share = share;
    this.#creditMs = share * PERIOD_MS;
  }

  /** The number of times that the service was stopped. */
  get timesHeld(): number {
    return this.#timesHeld;
  }

  start(): void {
    this.#look();
    this.#usedMs = this.#cpuMs();
    this.#atMs = monotonicMs();
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    this.#timer.unref();
  }

  async lift(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    const still = await continueAll(this.#service);
    if (still.length > 0)
      throw new Error(`processes ${still.join(", ")} of ${this.#service.name} are still stopped`);
  }

  #tick(): void {
    const nowMs = monotonicMs();
    if (nowMs - this.#lookedMs >= LOOK_MS) this.#look();
    const most = this.#share * PERIOD_MS;
    const usedMs = this.#cpuMs();
    // The CPU time of an ended process leaves the sum when nobody has waited for the process.
    const spentMs = Math.max(0, usedMs - this.#usedMs);
    this.#creditMs = Math.min(most, this.#creditMs + this.#share * (nowMs - this.#atMs) - spentMs);
    this.#usedMs = usedMs;
    this.#atMs = nowMs;
    if (!this.#isStopped && this.#creditMs <= 0) this.#stop();
    else if (this.#isStopped && this.#creditMs >= most) this.#goOn();
  }

  #stop(): void {
    this.#isStopped = true;
    this.#timesHeld += 1;
    this.#signal("SIGSTOP");
  }

  #goOn(): void {
    this.#isStopped = false;
    this.#signal("SIGCONT");
  }

  /** Signals the known processes. Looking at all processes of the machine a hundred times a second would cost too much. */
  #signal(signal: NodeJS.Signals): void {
    const { pid: leader, start } = this.#service.group;
    if (leader !== null && start !== null && isStill({ pid: leader, start })) send(-leader, signal);
    for (const process of this.#processes) if (isStill(process)) send(process.pid, signal);
  }

  #look(): void {
    this.#processes = this.#service.living().map(({ pid, start }) => ({ pid, start }));
    this.#lookedMs = monotonicMs();
  }

  #cpuMs(): number {
    return this.#processes.reduce((sum, { pid }) => sum + (cpuSOf(pid) ?? 0) * 1000, 0);
  }
}

/** A pid may belong to another program since the last look. */
function isStill({ pid, start }: ProcessId): boolean {
  return processTable.row(pid)?.start === start;
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // The process has just ended.
  }
}
