import type { PhaseRecord } from "../../measure/record.js";
import type { SignalReading } from "../../slo/observations.js";

/** What was read of a signal in the phase. @returns null when it was not read. */
export function signalReading({ signals = [], startS }: PhaseRecord, name: string): SignalReading | null {
  const read = signals.find(({ signal }) => signal === name);
  if (!read) return null;
  const { everyS, atS, values, bad, total, restarts = 0, troubles } = read;
  return {
    everyS,
    atS: atS.map((second) => second - startS),
    values: values ?? null,
    counts: bad && total ? { due: total, bad } : null,
    restarts,
    troubles,
  };
}
