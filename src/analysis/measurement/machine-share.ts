/** Who had the CPUs while the load generator was late. */

import type { MachineUse, PhaseRecord } from "../../measure/record.js";
import { formatRatio } from "../../support/format.js";
import { sum } from "../statistics/intervals.js";

/** Share of its time. From here on a machine has no time left. */
export const BUSY_FROM = 0.9;
/** Share of the CPU time that the host of a virtual machine took. */
export const STOLEN_FROM = 0.05;

/** A program with less than this share of the machine's time is not named. */
const LEAST_SHARE = 0.05;

/**
 * "Other programs had 87% of the machine's time, the service 8%." Shares are of the time of all CPUs that faultline may
 * use. What a quota took is such a share, too. @returns null when the machine had room, or when nobody knows.
 */
export function whoHadTheMachine({ machine }: Pick<PhaseRecord, "machine">): string | null {
  const seconds = machine?.seconds;
  if (machine === null || seconds === undefined) {
    const how = saturation(machine);
    return how === null ? null : `The machine ${how}.`; // an older record, or not on Linux
  }
  const used = sum(seconds.system) + sum(seconds.strangers) + sum(seconds.own);
  if (machine.busy <= 0 || used <= 0) return null;
  const allS = used / machine.busy;
  const parts = (
    [
      ["other programs", "had", sum(seconds.strangers)],
      ["the machine's host", "had", sum(seconds.stolen)],
      ["a CPU quota", "took", sum(seconds.throttled)],
      ["the service", "had", sum(seconds.system)],
      ["faultline", "had", sum(seconds.own)],
    ] as const
  )
    .filter(([, , s]) => s / allS >= LEAST_SHARE)
    .sort((a, b) => b[2] - a[2]);
  if (parts.length === 0) return null;
  const text = parts
    .map(([who, verb, s], at) => {
      const share = formatRatio(Math.min(1, s / allS));
      if (at === 0) return `${who} ${verb} ${share} of the machine's time`;
      return verb === "had" ? `${who} ${share}` : `${who} ${verb} ${share}`;
    })
    .join(", ");
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/**
 * "was 97% busy", "had 8% of its CPU time given to others by its host", or both. @returns null when the machine had
 * room, or when nobody knows.
 */
function saturation(machine: MachineUse | null): string | null {
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
