import { monotonicMs } from "../../support/clock.js";
import { cpuSOf } from "../../support/processes/process-table.js";
import type { RunningService } from "../fault-driver.js";
import type { ProcessEvidence } from "../process-action.js";
import { type GroupPlace, placesHere } from "./control-group.js";
import { DutyCycle } from "./duty-cycle.js";
import { type Hold, type HoldProof, type NoteDeed, nothingThere } from "./hold.js";
import { limitByGroup } from "./quota-group.js";
import type { StoppedProcesses } from "./stopped.js";

/** A service that has had more than its share by this factor was not limited. A machine that stalls lets a process run on for a moment. */
const MOST_OVER = 1.25;
const MOST_OVER_S = 0.5;

/** The means that holds the service to its share. */
interface Limiter {
  readonly timesHeld: number;
  lift(): Promise<void>;
}

type Way = Extract<ProcessEvidence, { deed: "cpu" }>["way"];

export interface CpuLimitOptions {
  /** The share of one core, from 0 to 1. */
  readonly share: number;
  /** Part of the group's name, so that other runs tell it apart. */
  readonly id: string;
  readonly note: NoteDeed;
  /** Folders in which control groups may be made. */
  readonly places?: readonly GroupPlace[];
}

/** A service that gets at most a share of one core. */
export class CpuLimit implements Hold {
  readonly #service: RunningService;
  readonly #options: CpuLimitOptions;
  #limiter: { readonly by: Limiter; readonly way: Way } | null = null;
  #beganMs = 0;
  #usedBeforeS = 0;
  #processes = 0;

  constructor(service: RunningService, options: CpuLimitOptions) {
    this.#service = service;
    this.#options = options;
  }

  async place(): Promise<void> {
    this.#processes = this.#service.living().length;
    if (this.#processes === 0) return;
    const byGroup = await this.#byGroup();
    this.#limiter = byGroup ?? this.#byStopping();
    this.#usedBeforeS = this.#cpuS();
    this.#beganMs = monotonicMs();
  }

  prove(): HoldProof {
    if (this.#limiter === null) return nothingThere(this.#service);
    const { share } = this.#options;
    const { by, way } = this.#limiter;
    const forS = (monotonicMs() - this.#beganMs) / 1000;
    const usedS = Math.max(0, this.#cpuS() - this.#usedBeforeS);
    const timesHeld = by.timesHeld;
    const isHeldTo = usedS <= share * forS * MOST_OVER + MOST_OVER_S;
    return {
      proven: timesHeld > 0 && isHeldTo,
      isIdle: timesHeld === 0,
      evidence: {
        deed: "cpu",
        share,
        way,
        processes: this.#processes,
        forS: Math.round(1000 * forS) / 1000,
        usedS,
        timesHeld,
        isHeldTo,
      },
    };
  }

  async lift(): Promise<void> {
    await this.#limiter?.by.lift();
    this.#limiter = null;
  }

  async #byGroup(): Promise<{ readonly by: Limiter; readonly way: Way } | null> {
    const { share, id, note, places = placesHere("cpu") } = this.#options;
    const { name } = this.#service;
    const limit = await limitByGroup(
      {
        service: name,
        id,
        share,
        living: () => this.#service.living(),
        note: (group) => note(group, `control group of service "${name}"`),
      },
      places,
    );
    return limit && { by: limit, way: limit.version === 2 ? "cgroup v2" : "cgroup v1" };
  }

  #byStopping(): { readonly by: Limiter; readonly way: Way } {
    const { name, group } = this.#service;
    const processes = this.#service.living().map(({ pid, start }) => ({ pid, start }));
    const deed: StoppedProcesses = { deed: "stop", service: name, group, processes };
    this.#options.note(deed, `stopped processes of service "${name}"`);
    const cycle = new DutyCycle(this.#service, this.#options.share);
    cycle.start();
    return { by: cycle, way: "stopping" };
  }

  #cpuS(): number {
    return this.#service.living().reduce((sum, { pid }) => sum + (cpuSOf(pid) ?? 0), 0);
  }
}
