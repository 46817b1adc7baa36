/** What every report for people says of a signal in a phase. */

import type { PhaseReport } from "../../analysis/document/report.js";
import { formatCount, formatNumber, formatRatio, formatSeconds } from "../../support/format.js";

export interface SignalRow {
  readonly name: string;
  /** "0 of 504 bad (0%)", "0 to 512, on average 255, at last 505", or why it is not known. */
  readonly text: string;
  /** "10, every 1 s" */
  readonly samples: string;
}

export function signalRows({ signals = [] }: Pick<PhaseReport, "signals">): readonly SignalRow[] {
  return signals.map(({ name, samples, everyS, counts, values, alert, restarts, trouble }) => ({
    name,
    samples: `${formatCount(samples)}${everyS > 0 ? `, every ${formatSeconds(everyS)}` : ""}`,
    text: trouble ?? (alert ? stateOf(alert) : `${counted(counts) ?? ranged(values)}${anew(restarts ?? 0)}`),
  }));
}

function stateOf({
  firedS,
  last,
}: NonNullable<NonNullable<PhaseReport["signals"]>[number]["alert"]>): string {
  return firedS === null ? last : `fired in second ${Math.ceil(firedS)}, at last ${last}`;
}

function counted(counts: NonNullable<PhaseReport["signals"]>[number]["counts"]): string | null {
  if (!counts) return null;
  const share = counts.total > 0 ? ` (${formatRatio(counts.bad / counts.total)})` : "";
  return `${formatCount(counts.bad)} of ${formatCount(counts.total)} bad${share}`;
}

function ranged(values: NonNullable<PhaseReport["signals"]>[number]["values"]): string {
  if (!values) return "no sample";
  const { min, max, mean, last } = values;
  if (min === max) return formatNumber(max);
  return `${formatNumber(min)} to ${formatNumber(max)}, on average ${formatNumber(mean)}, at last ${formatNumber(last)}`;
}

function anew(restarts: number): string {
  if (restarts === 0) return "";
  return `; a counter began anew ${restarts === 1 ? "once" : `${restarts} times`}`;
}
