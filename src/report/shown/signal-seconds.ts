import type { PhaseRecord } from "../../measure/record.js";
import type { SignalRecord } from "../../measure/signals/signal-record.js";
import { stateOfNumber } from "../../slo/alert-state.js";

/** Something that a signal has told in some of a run's seconds. */
export interface SignalColumn {
  /** "signal_queue", "signal_orders_bad", "alert_HighErrorRate" */
  readonly name: string;
  /** By the second of the phase. null: no sample was taken in it. */
  cells(phase: PhaseRecord): readonly (number | string | null)[];
}

/** All that the signals of a run have told, in the order of their first appearance. */
export function signalColumns(phases: readonly PhaseRecord[]): readonly SignalColumn[] {
  const known = new Map<string, SignalColumn>();
  for (const { signals = [] } of phases) {
    for (const signal of signals) {
      for (const [name, of] of told(signal)) {
        const cells = (phase: PhaseRecord) => cellsOf(phase, signal.signal, of);
        if (!known.has(name)) known.set(name, { name, cells });
      }
    }
  }
  return [...known.values()];
}

type Tell = (signal: SignalRecord) => readonly (number | string)[];

function told({ signal, alert, values }: SignalRecord): readonly (readonly [name: string, of: Tell])[] {
  if (alert !== undefined) return [[`alert_${alert}`, (of) => (of.values ?? []).map(stateOfNumber)]];
  if (values !== undefined) return [[`signal_${signal}`, (of) => of.values ?? []]];
  return [
    [`signal_${signal}_bad`, (of) => of.bad ?? []],
    [`signal_${signal}_total`, (of) => of.total ?? []],
  ];
}

/** Of several samples in one second the last one. */
function cellsOf({ signals = [], startS, all }: PhaseRecord, name: string, of: Tell) {
  const cells = all.scheduled.map((): number | string | null => null);
  const read = signals.find(({ signal }) => signal === name);
  if (!read) return cells;
  for (const [index, value] of of(read).entries()) {
    // The last sample may be taken at the phase's very end.
    const second = Math.min(cells.length - 1, Math.floor((read.atS[index] ?? 0) - startS));
    if (second >= 0) cells[second] = value;
  }
  return cells;
}
