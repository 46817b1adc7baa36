import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import type { MachineUse } from "../measure/record.js";

/** Over all CPUs since the machine started; only differences mean something, whatever the unit. */
export interface CpuTimes {
  readonly busy: number;
  /** What the host of a virtual machine gave to others; null: the system does not say. */
  readonly stolen: number | null;
  readonly all: number;
}

/** What the machine does from now until `end`. */
export class MachineMeter {
  readonly #before: CpuTimes = cpuTimes();
  #after: CpuTimes | null = null;

  end(): void {
    this.#after ??= cpuTimes();
  }

  soFar(): MachineUse | null {
    return useBetween(this.#before, this.#after ?? cpuTimes());
  }
}

/** Shares of the CPU time that there was; null when hardly any has passed. */
export function useBetween(before: CpuTimes, after: CpuTimes): MachineUse | null {
  const all = after.all - before.all;
  if (all <= 0) return null;
  const share = (part: number) => Math.min(1, Math.max(0, Math.round((1000 * part) / all) / 1000));
  const stolen = before.stolen === null || after.stolen === null ? null : after.stolen - before.stolen;
  return { busy: share(after.busy - before.busy), stolen: stolen === null ? null : share(stolen) };
}

/** Linux counts stolen time, which Node does not hand on. */
function cpuTimes(): CpuTimes {
  try {
    return parseStat(readFileSync("/proc/stat", "utf8"));
  } catch {
    const times = cpus().map(({ times }) => times);
    const idle = times.reduce((sum, each) => sum + each.idle, 0);
    const all = times.reduce(
      (sum, { user, nice, sys, idle, irq }) => sum + user + nice + sys + idle + irq,
      0,
    );
    return { busy: all - idle, stolen: null, all };
  }
}

/** proc_stat(5): the first line has the ticks of user, nice, system, idle, iowait, irq, softirq, steal. */
export function parseStat(text: string): CpuTimes {
  const ticks = text.slice(0, text.indexOf("\n")).trim().split(/\s+/).slice(1, 9).map(Number);
  const [, , , idle, iowait, , , steal] = ticks;
  if (ticks.length < 8 || ticks.some(Number.isNaN)) throw new Error("not as proc_stat(5) says");
  const all = ticks.reduce((sum, each) => sum + each, 0);
  return { busy: all - idle! - iowait! - steal!, stolen: steal!, all };
}
