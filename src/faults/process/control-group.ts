/** Puts a service into a control group of its own, and takes it out again. */

import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { monotonicMs } from "../../support/clock.js";
import { hasCode } from "../../support/errors.js";
import {
  type Controller,
  type GroupHierarchy,
  groupHierarchies,
} from "../../support/processes/control-groups.js";
import type { ProcessRow } from "../../support/processes/process-table.js";

/** What journals know of a group. */
export interface ControlGroup {
  readonly deed: "quota";
  readonly service: string;
  readonly folder: string;
  /** The group that the processes came from and go back to. */
  readonly home: string;
}

/** Names of groups that this program makes begin with this. No other group is ever removed. */
const NAME = "faultline-";
/** Moving is repeated for at most this long: a process that forks while it is moved may leave a child behind. */
const MOVE_MS = 2_000;
/** Zombies stay in a group until somebody has collected them. */
const REMOVE_MS = 5_000;

/** A folder in which groups may be made: below this process's own group, or with version 2 beside it. */
export interface GroupPlace {
  readonly version: 1 | 2;
  readonly parent: string;
  readonly home: string;
}

export function placesHere(controller: Controller): readonly GroupPlace[] {
  try {
    const read = (name: string) => readFileSync(`/proc/self/${name}`, "utf8");
    return groupHierarchies(controller, read("cgroup"), read("mountinfo")).flatMap((hierarchy) =>
      placesIn(hierarchy, controller),
    );
  } catch {
    // Without /proc this is no Linux.
    return [];
  }
}

export function placesIn(
  { version, mountPoint, within }: GroupHierarchy,
  controller: Controller,
): readonly GroupPlace[] {
  const home = join(mountPoint, within);
  if (version === 1) return [{ version, parent: home, home }];
  // In version 2 only the root may have both processes and groups below it.
  return [dirname(home), home]
    .filter((parent) => parent.startsWith(mountPoint) && handsDown(parent, controller))
    .map((parent) => ({ version, parent, home }));
}

function handsDown(folder: string, controller: Controller): boolean {
  try {
    return readFileSync(join(folder, "cgroup.subtree_control"), "utf8")
      .trim()
      .split(" ")
      .includes(controller);
  } catch {
    return false;
  }
}

export interface GroupOptions {
  readonly service: string;
  /** Part of the group's name, so that other runs tell it apart. */
  readonly id: string;
  /** Called before the group is made. */
  readonly note: (group: ControlGroup) => void;
}

/**
 * Makes a group in the first of the places that lets us.
 * @param fill what has to succeed in it, so that it counts as made. Resolves with whether it has.
 * @returns null when none of them does. Nothing of the group is left then.
 */
export async function makeGroup(
  places: readonly GroupPlace[],
  { service, id, note }: GroupOptions,
  fill: (folder: string, version: 1 | 2) => boolean | Promise<boolean>,
): Promise<{ readonly group: ControlGroup; readonly version: 1 | 2 } | null> {
  for (const { version, parent, home } of places) {
    const folder = join(parent, `${NAME}${id}-${service}`);
    const group: ControlGroup = { deed: "quota", service, folder, home };
    note(group);
    try {
      mkdirSync(folder);
      if (await fill(folder, version)) return { group, version };
    } catch {
      // We may not write there, so the next place is tried.
    }
    await removeGroup(group);
  }
  return null;
}

/** @returns false when some processes are still in another group. */
export async function moveAll(folder: string, living: () => readonly ProcessRow[]): Promise<boolean> {
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

export function move(pid: number, folder: string): void {
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

export function groupExists({ folder }: ControlGroup): boolean {
  return basename(folder).startsWith(NAME) && existsSync(folder);
}

/**
 * Puts all processes of the group back where they came from, and removes it.
 * @returns why the group is still there; null when it is gone.
 */
export async function removeGroup(group: ControlGroup): Promise<string | null> {
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
