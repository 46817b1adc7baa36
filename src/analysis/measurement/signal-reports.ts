import type { PhaseRecord } from "../../measure/record.js";
import { stateOfNumber } from "../../slo/alert-state.js";
import type { SignalReading } from "../../slo/observations.js";
import type { PhaseReport } from "../document/report.js";
import { sum } from "../statistics/intervals.js";
import { troubleSentence } from "../wording/signal-sentences.js";
import { signalReading } from "./signal-reading.js";

/** The signals of one phase in the report. */
export function signalReports(phase: PhaseRecord): Pick<PhaseReport, "signals"> {
  const { signals } = phase;
  if (!signals) return {};
  return {
    signals: signals.map(({ signal: name, alert, everyS, atS, restarts, troubles }) => {
      const [trouble] = troubles;
      const reading = signalReading(phase, name);
      return {
        name,
        everyS,
        samples: atS.length,
        counts: reading && countsOf(reading),
        values: reading && alert === undefined ? valuesOf(reading) : null,
        ...(reading && alert !== undefined ? { alert: alertOf(alert, reading) } : {}),
        ...(restarts ? { restarts } : {}),
        trouble: trouble ? troubleSentence(name, trouble) : null,
        ...(trouble ? { troubleId: trouble.id } : {}),
      };
    }),
  };
}

function countsOf({ counts, atS }: SignalReading) {
  if (counts === null || atS.length === 0) return null;
  return { bad: Math.round(sum(counts.bad)), total: Math.round(sum(counts.due)) };
}

function valuesOf({ values }: SignalReading) {
  const last = values?.at(-1);
  if (!values || last === undefined) return null;
  const [min, max] = values.reduce(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [last, last],
  );
  return { min, max, mean: sum(values) / values.length, last };
}

function alertOf(name: string, { atS, values }: SignalReading) {
  const states = (values ?? []).map(stateOfNumber);
  const first = states.indexOf("firing");
  return { name, firedS: first < 0 ? null : (atS[first] ?? 0), last: states.at(-1) ?? "quiet" };
}
