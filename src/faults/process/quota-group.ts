/** Holds a service to a quota of CPU time by a control group of its own. */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hasCode } from "../../support/errors.js";
import { parseThrottledPeriods } from "../../support/processes/control-groups.js";
import type { ProcessRow } from "../../support/processes/process-table.js";
import {
  type ControlGroup,
  type GroupOptions,
  makeGroup,
  moveAll,
  placesHere,
  removeGroup,
} from "./control-group.js";

const PERIOD_US = 100_000;
/** The kernel accepts no smaller quota. */
const LEAST_QUOTA_US = 1_000;

export interface QuotaOptions extends GroupOptions {
  /** The share of one core, from 0 to 1. */
  readonly share: number;
  readonly living: () => readonly ProcessRow[];
}

/**
 * Makes a group with that quota and puts the service's processes into it.
 * @returns null when this machine does not let us. Nothing of the group is left then.
 */
export async function limitByGroup(
  options: QuotaOptions,
  places = placesHere("cpu"),
): Promise<QuotaLimit | null> {
  const quotaUs = Math.max(LEAST_QUOTA_US, Math.round(options.share * PERIOD_US));
  const made = await makeGroup(places, options, (folder, version) => {
    if (version === 2) writeFileSync(join(folder, "cpu.max"), `${quotaUs} ${PERIOD_US}`);
    else {
      writeFileSync(join(folder, "cpu.cfs_period_us"), String(PERIOD_US));
      writeFileSync(join(folder, "cpu.cfs_quota_us"), String(quotaUs));
    }
    return moveAll(folder, options.living);
  });
  return made && new QuotaLimit(made.group, made.version);
}

/** A group that holds a service to its quota. */
export class QuotaLimit {
  readonly #group: ControlGroup;
  #timesHeld = 0;
  readonly version: 1 | 2;

  constructor(group: ControlGroup, version: 1 | 2) {
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
