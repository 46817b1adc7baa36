/** A machine that had no time left: what was slow on it may have been slow because of that. */

import type { MachineUse, PhaseRecord, RunRecord } from "../../measure/record.js";
import { formatRatio } from "../../support/format.js";
import { hostOf, isLoopback } from "../../support/hosts.js";
import type { SloResult } from "../document/report.js";
import { sum } from "../statistics/intervals.js";

const BUSY_FROM = 0.9;
/** Of the CPU time, by the host of a virtual machine. */
const STOLEN_FROM = 0.05;

/** "was 97% busy", "had 8% of its CPU time given to others by its host", or both; null: it had room, or is not known. */
export function saturation(machine: MachineUse | null): string | null {
  if (machine === null) return null;
  const { busy, stolen } = machine;
  const parts = [
    ...(busy >= BUSY_FROM ? [`was ${formatRatio(busy)} busy`] : []),
    ...(stolen !== null && stolen >= STOLEN_FROM
      ? [`had ${formatRatio(stolen)} of its CPU time given to others by its host`]
      : []),
  ];
  return parts.length > 0 ? parts.join(" and ") : null;
}

/** The same as a sentence on a phase that broke an SLO, or in which the load generator was late. */
export function saturatedMachine(
  { machine }: PhaseRecord,
  { services, load }: Pick<RunRecord, "services" | "load">,
): string | null {
  const how = saturation(machine);
  if (how === null) return null;
  const isShared = services.length > 0 || isLocal(load.targetUrl);
  return isShared
    ? `The machine ${how}, and the service and the load generator shared it: slowness may be the machine's.`
    : `The machine of the load generator ${how}: slowness may be that machine's.`;
}

/**
 * Not where most of what this SLO counts as bad are answers with an error, refusals and resets: those are no slowness.
 */
export function mayBeSlowness({ counts }: SloResult, { all: { outcomes } }: PhaseRecord): boolean {
  const failed = sum(outcomes.http_error) + sum(outcomes.refused) + sum(outcomes.reset);
  return counts === null || 2 * failed < counts.bad;
}

function isLocal(url: string): boolean {
  return URL.canParse(url) && isLoopback(hostOf(new URL(url)));
}
