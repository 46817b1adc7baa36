/** Holds a service to an amount of memory by a control group of its own. */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hasCode } from "../../support/errors.js";
import type { ProcessRow } from "../../support/processes/process-table.js";
import {
  type ControlGroup,
  type GroupOptions,
  type GroupPlace,
  makeGroup,
  move,
  moveAll,
  placesHere,
  removeGroup,
} from "./control-group.js";

/** What is left below the limit when it is reached: the kernel gives memory out in batches. */
const BATCH_BYTES = 1024 ** 2;

/** The files of a version, and how their texts are read. */
interface Files {
  readonly limit: string;
  readonly unlimited: string;
  /** What keeps the service from going to disk with what it may not have in memory. It is missing where nothing swaps. */
  readonly swap: { readonly file: string; readonly under: (bytes: number) => string };
  readonly usage: string;
  /** The most that was used. Version 1 lets us begin anew; not all kernels of version 2 have it, and it counts from the begin. */
  readonly most: string | null;
  /** What cannot be taken back: only files can be read again. */
  readonly held: RegExp;
  /** How often the limit was reached. In version 1 not all kernels count it. */
  readonly reached: readonly [file: string, pattern: RegExp];
  readonly kills: readonly [file: string, pattern: RegExp];
}

const FILES: Readonly<Record<1 | 2, Files>> = {
  1: {
    limit: "memory.limit_in_bytes",
    unlimited: "-1",
    swap: { file: "memory.memsw.limit_in_bytes", under: String },
    usage: "memory.usage_in_bytes",
    most: "memory.max_usage_in_bytes",
    held: /^(?:rss|shmem) (\d+)$/gm,
    reached: ["memory.failcnt", /^(\d+)$/m],
    kills: ["memory.oom_control", /^oom_kill (\d+)$/m],
  },
  2: {
    limit: "memory.max",
    unlimited: "max",
    swap: { file: "memory.swap.max", under: () => "0" },
    usage: "memory.current",
    most: null,
    held: /^(?:anon|shmem) (\d+)$/gm,
    reached: ["memory.events", /^max (\d+)$/m],
    kills: ["memory.events", /^oom_kill (\d+)$/m],
  },
};

/**
 * The group that a service lives in from its start, as memory stays with the group in which a process has asked for it.
 * Without a limit it changes nothing.
 */
export class MemoryGroup {
  readonly #group: ControlGroup;
  readonly #files: Files;
  readonly version: 1 | 2;
  #limitBytes = Number.POSITIVE_INFINITY;
  #mostBytes = 0;
  #killed = 0;
  /** Counts of the kernel when the limit was set. */
  #before = { reached: 0, killed: 0 };
  #hasReached = false;

  private constructor(group: ControlGroup, version: 1 | 2) {
    this.#group = group;
    this.#files = FILES[version];
    this.version = version;
  }

  /** @returns null when this machine does not let us. Nothing of the group is left then. */
  static async make(options: GroupOptions, places: readonly GroupPlace[] = placesHere("memory")) {
    const made = await makeGroup(places, options, (folder, version) => {
      const { limit, unlimited } = FILES[version];
      writeFileSync(join(folder, limit), unlimited);
      return true;
    });
    return made && new MemoryGroup(made.group, made.version);
  }

  /** Takes in a process that has just begun, and with it all that it starts. */
  join(pid: number): void {
    move(pid, this.#group.folder);
  }

  /**
   * There is no limit when this rejects.
   * @throws TooMuchHeld when the service has more already, and cannot give it back; the system's error.
   */
  async limit(bytes: number, living: () => readonly ProcessRow[]): Promise<void> {
    const { limit, swap, most, reached, kills } = this.#files;
    if (!(await moveAll(this.#group.folder, living)))
      throw new Error("not all of its processes could be moved");
    if (this.#heldBytes() > bytes) throw new TooMuchHeld(this.#heldBytes());
    this.#limitBytes = bytes;
    this.#mostBytes = 0;
    this.#killed = 0;
    this.#hasReached = false;
    if (most !== null) this.#tryToWrite(most, "0");
    // The kernel may kill as soon as the limit is there.
    this.#before = { reached: this.#count(reached), killed: this.#count(kills) };
    try {
      this.#write(limit, String(bytes));
    } catch (error) {
      this.lift();
      throw hasCode(error, "EBUSY") ? new TooMuchHeld(this.#heldBytes()) : error;
    }
    this.#tryToWrite(swap.file, swap.under(bytes));
  }

  lift(): void {
    const { limit, unlimited, swap } = this.#files;
    this.#tryToWrite(swap.file, unlimited);
    this.#tryToWrite(limit, unlimited);
  }

  /** Reads what has happened. When somebody else has removed the group, all stays as it was last seen. */
  look(): void {
    const { usage, most, reached, kills } = this.#files;
    const used = [usage, ...(most === null ? [] : [most])].map((file) => Number(this.#read(file) ?? 0));
    this.#mostBytes = Math.max(this.#mostBytes, ...used);
    this.#killed = Math.max(this.#killed, this.#count(kills) - this.#before.killed);
    this.#hasReached ||=
      this.#killed > 0 ||
      this.#count(reached) > this.#before.reached ||
      this.#mostBytes > this.#limitBytes - BATCH_BYTES;
  }

  /** The most that was used since the limit was set, files that were read among it. */
  get mostBytes(): number {
    this.look();
    return this.#mostBytes;
  }

  /** Whether all of it was used at some time, so that the kernel had to take pages back or to kill. */
  get hasReached(): boolean {
    this.look();
    return this.#hasReached;
  }

  /** Processes that the kernel has killed since the limit was set. */
  get killed(): number {
    this.look();
    return this.#killed;
  }

  async remove(): Promise<void> {
    const failure = await removeGroup(this.#group);
    if (failure !== null) throw new Error(failure);
  }

  #heldBytes(): number {
    const stat = this.#read("memory.stat") ?? "";
    return [...stat.matchAll(this.#files.held)].reduce((sum, [, bytes]) => sum + Number(bytes), 0);
  }

  #count([file, pattern]: Files["kills"]): number {
    return Number(pattern.exec(this.#read(file) ?? "")?.[1] ?? 0);
  }

  #read(name: string): string | null {
    try {
      return readFileSync(join(this.#group.folder, name), "utf8");
    } catch {
      return null;
    }
  }

  #write(name: string, text: string): void {
    writeFileSync(join(this.#group.folder, name), text, { flag: "r+" });
  }

  #tryToWrite(name: string, text: string): void {
    try {
      this.#write(name, text);
    } catch {
      // It is not there, or the group is gone.
    }
  }
}

/** A limit below what the service cannot give back. */
export class TooMuchHeld extends Error {
  readonly heldBytes: number;

  constructor(heldBytes: number) {
    super(`it holds ${heldBytes} bytes`);
    this.heldBytes = heldBytes;
  }
}
