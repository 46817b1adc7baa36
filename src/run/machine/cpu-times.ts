import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { CLOCK_TICKS_PER_S } from "../../support/processes/process-table.js";

/** Over the CPUs that this process may use, since the machine started. Only differences mean something. */
export interface CpuTimes {
  readonly busyS: number;
  /** Time that the host of a virtual machine gave to others. null: the system does not say. */
  readonly stolenS: number | null;
  readonly allS: number;
}

/** Linux counts stolen time. Node does not pass it on. */
export function cpuTimes(): CpuTimes {
  try {
    return parseStat(readFileSync("/proc/stat", "utf8"), allowedCpus());
  } catch {
    const times = cpus().map(({ times }) => times);
    const idle = times.reduce((sum, each) => sum + each.idle, 0);
    const all = times.reduce(
      (sum, { user, nice, sys, idle, irq }) => sum + user + nice + sys + idle + irq,
      0,
    );
    return { busyS: (all - idle) / 1000, stolenS: null, allS: all / 1000 };
  }
}

let allowed: ReadonlySet<number> | null = null;

/** A container may be limited to a few of the machine's CPUs. /proc/stat tells of all. */
function allowedCpus(): ReadonlySet<number> {
  allowed ??= parseCpuList(
    /^Cpus_allowed_list:\s*(.*)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "",
  );
  return allowed;
}

/** "0-3,8" → 0, 1, 2, 3, 8. */
export function parseCpuList(text: string): ReadonlySet<number> {
  const cpus = new Set<number>();
  for (const range of text.split(",").filter((part) => part.trim() !== "")) {
    const [from = Number.NaN, to = from] = range.split("-").map(Number);
    for (let cpu = from; cpu <= to; cpu++) cpus.add(cpu);
  }
  return cpus;
}

/**
 * proc_stat(5): a line for each CPU has the ticks of user, nice, system, idle, iowait, irq, softirq, steal.
 * @param only the CPUs that count; empty: all of them.
 */
export function parseStat(text: string, only: ReadonlySet<number> = new Set()): CpuTimes {
  let [busy, stolen, all] = [0, 0, 0];
  for (const [, cpu, line] of text.matchAll(/^cpu(\d+)\s+(.*)$/gm)) {
    if (only.size > 0 && !only.has(Number(cpu))) continue;
    const ticks = line!.trim().split(/\s+/).slice(0, 8).map(Number);
    const [, , , idle, iowait, , , steal] = ticks;
    if (ticks.length < 8 || ticks.some(Number.isNaN)) throw new Error("not as proc_stat(5) says");
    const sum = ticks.reduce((total, each) => total + each, 0);
    busy += sum - idle! - iowait! - steal!;
    stolen += steal!;
    all += sum;
  }
  if (all === 0) throw new Error("not as proc_stat(5) says");
  return {
    busyS: busy / CLOCK_TICKS_PER_S,
    stolenS: stolen / CLOCK_TICKS_PER_S,
    allS: all / CLOCK_TICKS_PER_S,
  };
}
