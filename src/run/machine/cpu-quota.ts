import { readFileSync } from "node:fs";
import { posix } from "node:path";
import { groupHierarchies, parseThrottled } from "../../support/processes/control-groups.js";

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

/**
 * The cpu.stat files of this process's group and of all groups above it that can be seen. A quota on any of them counts.
 * @param groups /proc/self/cgroup
 * @param mounts /proc/self/mountinfo
 */
export function statFiles(groups: string, mounts: string): string[] {
  return groupHierarchies("cpu", groups, mounts).flatMap(({ mountPoint, within }) => {
    const files: string[] = [];
    for (let at = within; ; at = posix.dirname(at)) {
      files.push(posix.join(mountPoint, at, "cpu.stat"));
      if (at === "" || at === "/") return files;
    }
  });
}
