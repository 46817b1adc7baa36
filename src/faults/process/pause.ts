import { FaultlineError } from "../../support/errors.js";
import type { RunningService } from "../fault-driver.js";
import { type Hold, type HoldProof, type NoteDeed, nothingThere } from "./hold.js";
import { continueAll, type StoppedProcesses, stopAll } from "./stopped.js";

/** Time between two looks at the processes. A look takes longer where `ps` has to be asked. */
const LOOK_MS = process.platform === "linux" ? 250 : 1_000;

/** Stops all processes of a service. */
export class Pause implements Hold {
  readonly #service: RunningService;
  readonly #note: NoteDeed;
  #looks = 0;
  /** The number of looks that found a process which was not stopped. */
  #loose = 0;
  /** The most processes that one look found stopped. */
  #stopped = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(service: RunningService, note: NoteDeed) {
    this.#service = service;
    this.#note = note;
  }

  async place(): Promise<void> {
    const { name, group } = this.#service;
    const processes = this.#service.living().map(({ pid, start }) => ({ pid, start }));
    if (processes.length === 0) return;
    const deed: StoppedProcesses = { deed: "stop", service: name, group, processes };
    this.#note(deed, `stopped processes of service "${name}"`);
    const running = await stopAll(this.#service);
    if (running.length > 0) {
      await continueAll(this.#service);
      throw new FaultlineError(
        "FAULT_NOT_PLACED",
        `${name} could not be paused: of its processes, ${running.join(", ")} did not stop`,
      );
    }
    this.#look();
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
    this.#timer.unref();
  }

  prove(): HoldProof {
    if (this.#timer === null) return nothingThere(this.#service);
    this.#look();
    const [looks, loose, processes] = [this.#looks, this.#loose, this.#stopped];
    return { proven: loose === 0, evidence: { deed: "pause", processes, looks, loose } };
  }

  async lift(): Promise<void> {
    if (this.#timer === null) return;
    clearInterval(this.#timer);
    const still = await continueAll(this.#service);
    if (still.length > 0)
      throw new Error(`processes ${still.join(", ")} of ${this.#service.name} are still stopped`);
    this.#timer = null;
  }

  /** A paused service answers nobody. Yet the system accepts connections for it until the backlog is full. */
  get keepsDown(): boolean {
    return this.#timer !== null;
  }

  #look(): void {
    const living = this.#service.living();
    const stopped = living.filter(({ isStopped }) => isStopped).length;
    this.#looks += 1;
    if (living.length === 0 || stopped < living.length) this.#loose += 1;
    this.#stopped = Math.max(this.#stopped, stopped);
  }
}
