import { readFileSync } from "node:fs";
import { posix } from "node:path";

/**
 * For how long a CPU quota has kept this process's control group (or one above it) from running. The kernel counts it,
 * summed over the CPUs on which something of the group waited. Only differences mean something.
 */
export class CpuQuota {
  readonly #files: readonly string[];

  private constructor(files: readonly string[]) {
    this.#files = files;
  }

  /** From Linux's cgroups, version 1 or 2. On other systems nothing can be read, and no quota is seen. */
  static ofThisProcess(): CpuQuota {
    try {
      return new CpuQuota(
        statFiles(readFileSync("/proc/self/cgroup", "utf8"), readFileSync("/proc/self/mountinfo", "utf8")),
      );
    } catch {
      return new CpuQuota([]);
    }
  }

  /** 0 when no quota is known. */
  throttledS(): number {
    return Math.max(0, ...this.#files.map((file) => readThrottled(file)));
  }
}

function readThrottled(file: string): number {
  try {
    return parseThrottled(readFileSync(file, "utf8"));
  } catch {
    // A group has a cpu.stat only when the controller is on for it.
    return 0;
  }
}

/** cpu.stat: nanoseconds in "throttled_time" (version 1), microseconds in "throttled_usec" (version 2). */
export function parseThrottled(text: string): number {
  const ns = /^throttled_time (\d+)$/m.exec(text)?.[1];
  if (ns !== undefined) return Number(ns) / 1e9;
  return Number(/^throttled_usec (\d+)$/m.exec(text)?.[1] ?? 0) / 1e6;
}

/**
 * The cpu.stat files of this process's group and of all visible groups above it. A quota on any of them counts.
 * @param groups /proc/self/cgroup: "4:cpu,cpuacct:/build/42" or "0::/build/42".
 * @param mounts /proc/self/mountinfo: the fourth field is the group at the mount point, the fifth the mount point.
 */
export function statFiles(groups: string, mounts: string): string[] {
  const files: string[] = [];
  for (const line of mounts.split("\n")) {
    const [before, after] = line.split(" - ").map((part) => part.split(" "));
    const [root, mountPoint] = [before?.[3], before?.[4]];
    const [kind, options] = [after?.[0], after?.[2]];
    const isV2 = kind === "cgroup2";
    if (root === undefined || mountPoint === undefined) continue;
    if (!isV2 && !(kind === "cgroup" && options?.split(",").includes("cpu"))) continue;
    const path = groupPath(groups, isV2);
    if (path === null) continue;
    // In a container the group's path may be the host's. Its beginning is what is mounted.
    let within = path === root || path.startsWith(`${root}/`) ? path.slice(root.length) : path;
    for (;;) {
      files.push(posix.join(mountPoint, within, "cpu.stat"));
      if (within === "" || within === "/") break;
      within = posix.dirname(within);
    }
  }
  return files;
}

function groupPath(groups: string, isV2: boolean): string | null {
  for (const line of groups.split("\n")) {
    const [id, controllers, ...path] = line.split(":");
    const isIt = isV2 ? id === "0" && controllers === "" : controllers?.split(",").includes("cpu");
    if (isIt) return path.join(":");
  }
  return null;
}
