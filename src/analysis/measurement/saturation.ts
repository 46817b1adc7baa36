/** A machine that had no time left. What was slow on it may have been slow because of that. */

import type { MachineUse, PhaseRecord, RunRecord } from "../../measure/record.js";
import { hostOf, isLoopback } from "../../support/hosts.js";
import type { Reason, SloResult } from "../document/report.js";
import { reason } from "../reasons/reasons.js";
import { sum } from "../statistics/intervals.js";
import { BUSY_FROM, machineShares, STOLEN_FROM } from "./machine-share.js";

/** Who had the machine, and what that means. For a phase that broke an SLO, or in which the load generator was late. */
export function saturatedMachine(
  phase: Pick<PhaseRecord, "machine">,
  { services, load }: Pick<RunRecord, "services" | "load">,
): Reason | null {
  const machine = isSaturated(phase.machine) ? machineShares(phase) : null;
  const isShared = services.length > 0 || isLocal(load.targetUrl);
  return machine && reason("machine_saturated", { machine, isShared });
}

function isSaturated(machine: MachineUse | null): boolean {
  return machine !== null && (machine.busy >= BUSY_FROM || (machine.stolen ?? 0) >= STOLEN_FROM);
}

/**
 * Whether the bad requests may come from slowness. Errors, refusals and resets are no slowness: it is false when they
 * are most of the bad requests.
 */
export function mayBeSlowness({ counts }: SloResult, { all: { outcomes } }: PhaseRecord): boolean {
  const failed = sum(outcomes.http_error) + sum(outcomes.refused) + sum(outcomes.reset);
  return counts === null || 2 * failed < counts.bad;
}

function isLocal(url: string): boolean {
  return URL.canParse(url) && isLoopback(hostOf(new URL(url)));
}
