import type { RunRecord } from "../../src/measure/record.js";
import type { SignalRecord } from "../../src/measure/signals/signal-record.js";
import { buildRecord, type RunSketch } from "./record-builder.js";

/** What a signal told in a second of a phase, or in each time between two samples. */
export type Told = Pick<SignalRecord, "troubles" | "restarts"> & {
  readonly everyS: number;
  readonly values?: (sample: number) => number;
  readonly counts?: (sample: number) => readonly [bad: number, total: number];
};

export const HEALTHY = { everyS: 1, troubles: [] };

/** A record with what signals told in each phase. `told`: by the phase's kind, then by the signal's name. */
export function recordWithSignals(
  sketch: RunSketch,
  told: Readonly<Record<string, Readonly<Record<string, Told>>>>,
): RunRecord {
  const record = buildRecord(sketch);
  return {
    ...record,
    phases: record.phases.map((phase) => ({
      ...phase,
      signals: Object.entries(told[phase.kind] ?? {}).map(([signal, { everyS, values, counts, ...rest }]) => {
        const samples = Array.from({ length: Math.floor(phase.durationS / everyS) }, (_, at) => at);
        return {
          signal,
          everyS,
          atS: samples.map((at) => phase.startS + (at + 1) * everyS - 0.1),
          ...(values ? { values: samples.map(values) } : {}),
          ...(counts
            ? { bad: samples.map((at) => counts(at)[0]), total: samples.map((at) => counts(at)[1]) }
            : {}),
          ...rest,
        };
      }),
    })),
  };
}
