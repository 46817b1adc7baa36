/** Puts a service into a control group of its own, with a quota of CPU time. */

import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { monotonicMs } from "../../support/clock.js";
import { hasCode } from "../../support/errors.js";
import {
  type CpuHierarchy,
  cpuHierarchies,
  parseThrottledPeriods,
} from "../../support/processes/cpu-groups.js";
import type { ProcessRow } from "../../support/processes/process-table.js";

/** What journals know of a group. */
export interface QuotaGroup {
  readonly deed: "quota";
  readonly service: string;
  readonly folder: string;
  /** The group that the processes came from and go back to. */
  readonly home: string;
}

/** Names of groups that this program makes begin with this. No other group is ever removed. */
const NAME = "faultline-";
const PERIOD_US = 100_000;
/** The kernel accepts no smaller quota. */
const LEAST_QUOTA_US = 1_000;
/** Moving is repeated for at most this long: a process that forks while it is moved may leave a child behind. */
const MOVE_MS = 2_000;
/** Zombies stay in a group until somebody has collected them. */
const REMOVE_MS = 5_000;

/** A folder in which groups may be made: below this process's own group, or with version 2 beside it. */
interface Place {
  readonly version: 1 | 2;
  readonly parent: string;
  readonly home: string;
}

export function placesHere(): readonly Place[] {
  try {
    const read = (name: string) => readFileSync(`/proc/self/${name}`, "utf8");
    return cpuHierarchies(read("cgroup"), read("mountinfo")).flatMap(placesIn);
  } catch {
    // Without /proc this is no Linux.
    return [];
  }
}

export function placesIn({ version, mountPoint, within }: CpuHierarchy): readonly Place[] {
  const home = join(mountPoint, within);
  if (version === 1) return [{ version, parent: home, home }];
  // In version 2 only the root may have both processes and groups below it.
  return [dirname(home), home]
    .filter((parent) => parent.startsWith(mountPoint) && controlsCpu(parent))
    .map((parent) => ({ version, parent, home }));
}

function controlsCpu(folder: string): boolean {
  try {
    return readFileSync(join(folder, "cgroup.subtree_control"), "utf8").trim().split(" ").includes("cpu");
  } catch {
    return false;
  }
}

export interface QuotaOptions {
  readonly service: string;
  /** Part of the group's name, so that other runs tell it apart. */
  readonly id: string;
  /** The share of one core, from 0 to 1. */
  readonly share: number;
  readonly living: () => readonly ProcessRow[];
  /** Called before the group is made. */
  readonly note: (group: QuotaGroup) => void;
}

/**
 * Makes a group with that quota and puts the service's processes into it.
 * @returns null when this machine does not let us. Nothing of the group is left then.
 */
export async function limitByGroup(options: QuotaOptions, places = placesHere()): Promise<QuotaLimit | null> {
  for (const place of places) {
    const folder = join(place.parent, `${NAME}${options.id}-${options.service}`);
    const group: QuotaGroup = { deed: "quota", service: options.service, folder, home: place.home };
    options.note(group);
    try {
      mkdirSync(folder);
      const quotaUs = Math.max(LEAST_QUOTA_US, Math.round(options.share * PERIOD_US));
      if (place.version === 2) writeFileSync(join(folder, "cpu.max"), `${quotaUs} ${PERIOD_US}`);
      else {
        writeFileSync(join(folder, "cpu.cfs_period_us"), String(PERIOD_US));
        writeFileSync(join(folder, "cpu.cfs_quota_us"), String(quotaUs));
      }
      if (await moveAll(folder, options.living)) return new QuotaLimit(group, place.version);
    } catch {
      // We may not write there, so the next place is tried.
    }
    await removeGroup(group);
  }
  return null;
}

/** @returns false when some processes are still in another group. */
async function moveAll(folder: string, living: () => readonly ProcessRow[]): Promise<boolean> {
  const deadlineMs = monotonicMs() + MOVE_MS;
  for (;;) {
    const inside = new Set(membersOf(folder));
    const outside = living().filter(({ pid }) => !inside.has(pid));
    if (outside.length === 0) return inside.size > 0;
    if (monotonicMs() > deadlineMs) return false;
    for (const { pid } of outside) move(pid, folder);
    await wait(5);
  }
}

function move(pid: number, folder: string): void {
  try {
    writeFileSync(join(folder, "cgroup.procs"), String(pid));
  } catch (error) {
    // The process has ended since it was listed.
    if (!hasCode(error, "ESRCH")) throw error;
  }
}

function membersOf(folder: string): readonly number[] {
  return readFileSync(join(folder, "cgroup.procs"), "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map(Number);
}

/** A group that holds a service to its quota. */
export class QuotaLimit {
  readonly #group: QuotaGroup;
  #timesHeld = 0;
  readonly version: 1 | 2;

  constructor(group: QuotaGroup, version: 1 | 2) {
    this.#group = group;
    this.version = version;
  }

  /** The number of periods of 100 ms in which the quota was used up. When somebody else has removed the group: as last seen. */
  get timesHeld(): number {
    try {
      this.#timesHeld = parseThrottledPeriods(readFileSync(join(this.#group.folder, "cpu.stat"), "utf8"));
    } catch (error) {
      if (!hasCode(error, "ENOENT")) throw error;
    }
    return this.#timesHeld;
  }

  async lift(): Promise<void> {
    const failure = await removeGroup(this.#group);
    if (failure !== null) throw new Error(failure);
  }
}

export function groupExists({ folder }: QuotaGroup): boolean {
  return basename(folder).startsWith(NAME) && existsSync(folder);
}

/**
 * Puts all processes of the group back where they came from, and removes it.
 * @returns why the group is still there; null when it is gone.
 */
export async function removeGroup(group: QuotaGroup): Promise<string | null> {
  const { folder, home } = group;
  const deadlineMs = monotonicMs() + REMOVE_MS;
  while (groupExists(group)) {
    let why: unknown = null;
    try {
      for (const pid of membersOf(folder)) move(pid, home);
      rmdirSync(folder);
      return null;
    } catch (error) {
      why = error;
    }
    if (hasCode(why, "ENOENT")) return null;
    if (monotonicMs() > deadlineMs) return `the control group ${folder} could not be removed: ${String(why)}`;
    await wait(20);
  }
  return null;
}
