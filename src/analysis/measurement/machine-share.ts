/** Who had the CPUs while the load generator was late. */

import type { MachineUse, PhaseRecord } from "../../measure/record.js";
import { sum } from "../statistics/intervals.js";
import { type MachineFacts, machineText } from "../wording/machine-words.js";

/** Share of its time. From here on a machine has no time left. */
export const BUSY_FROM = 0.9;
/** Share of the CPU time that the host of a virtual machine took. */
export const STOLEN_FROM = 0.05;

/** A program with less than this share of the machine's time is not named. */
const LEAST_SHARE = 0.05;

/** "Other programs had 87% of the machine's time, the service 8%." @returns null as `machineShares`. */
export function whoHadTheMachine(phase: Pick<PhaseRecord, "machine">): string | null {
  const machine = machineShares(phase);
  return machine && machineText(machine);
}

/**
 * Who had the CPUs. What a quota took is a share, too.
 * @returns null when the machine had room, or when nobody knows.
 */
export function machineShares({ machine }: Pick<PhaseRecord, "machine">): MachineFacts | null {
  const seconds = machine?.seconds;
  // An older record, or not on Linux.
  if (machine === null || seconds === undefined) return saturation(machine);
  const used = sum(seconds.system) + sum(seconds.strangers) + sum(seconds.own);
  if (machine.busy <= 0 || used <= 0) return null;
  const allS = used / machine.busy;
  const shares = (
    [
      ["other_programs", sum(seconds.strangers)],
      ["host", sum(seconds.stolen)],
      ["cpu_quota", sum(seconds.throttled)],
      ["service", sum(seconds.system)],
      ["faultline", sum(seconds.own)],
    ] as const
  )
    .filter(([, s]) => s / allS >= LEAST_SHARE)
    .sort((a, b) => b[1] - a[1])
    .map(([who, s]) => ({ who, share: Math.min(1, s / allS) }));
  return shares.length === 0 ? null : { kind: "shares", shares };
}

/** @returns null when the machine had room, or when nobody knows. */
function saturation(machine: MachineUse | null): MachineFacts | null {
  if (machine === null) return null;
  const busy = machine.busy >= BUSY_FROM ? machine.busy : null;
  const stolen = machine.stolen !== null && machine.stolen >= STOLEN_FROM ? machine.stolen : null;
  return busy === null && stolen === null ? null : { kind: "saturated", busy, stolen };
}
