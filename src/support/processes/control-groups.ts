/** Linux's control groups, version 1 or 2: where they stand, and what the kernel says of a quota. */

/** What groups share out. In version 1 each has a hierarchy of its own. */
export type Controller = "cpu" | "memory";

/** One hierarchy, and the group of this process in it. */
export interface GroupHierarchy {
  readonly version: 1 | 2;
  readonly mountPoint: string;
  /** Path of the group below the mount point; "/" or "" for the root. */
  readonly within: string;
}

/**
 * The hierarchies with this controller that can be seen. Whether version 2 has it here is for its folders to say.
 * @param groups /proc/self/cgroup: "4:cpu,cpuacct:/build/42" or "0::/build/42".
 * @param mounts /proc/self/mountinfo. The fourth field is the group that stands at the mount point, the fifth the mount point.
 */
export function groupHierarchies(
  controller: Controller,
  groups: string,
  mounts: string,
): readonly GroupHierarchy[] {
  return mounts.split("\n").flatMap((line) => {
    const [before, after] = line.split(" - ").map((part) => part.split(" "));
    const [root, mountPoint] = [before?.[3], before?.[4]];
    const [kind, options] = [after?.[0], after?.[2]];
    const version = kind === "cgroup2" ? 2 : 1;
    if (root === undefined || mountPoint === undefined) return [];
    if (version === 1 && !(kind === "cgroup" && options?.split(",").includes(controller))) return [];
    const path = groupPath(controller, groups, version);
    if (path === null) return [];
    // In a container the group's path may be the host's. What is mounted is the beginning of that path.
    const within = path === root || path.startsWith(`${root}/`) ? path.slice(root.length) : path;
    return [{ version, mountPoint, within }];
  });
}

function groupPath(controller: Controller, groups: string, version: 1 | 2): string | null {
  for (const line of groups.split("\n")) {
    const [id, controllers, ...path] = line.split(":");
    const isIt =
      version === 2 ? id === "0" && controllers === "" : controllers?.split(",").includes(controller);
    if (isIt) return path.join(":");
  }
  return null;
}

/** cpu.stat: nanoseconds in "throttled_time" (version 1), microseconds in "throttled_usec" (version 2). */
export function parseThrottled(text: string): number {
  const ns = /^throttled_time (\d+)$/m.exec(text)?.[1];
  if (ns !== undefined) return Number(ns) / 1e9;
  return Number(/^throttled_usec (\d+)$/m.exec(text)?.[1] ?? 0) / 1e6;
}

/** cpu.stat: in how many periods the quota was used up. */
export function parseThrottledPeriods(text: string): number {
  return Number(/^nr_throttled (\d+)$/m.exec(text)?.[1] ?? 0);
}
