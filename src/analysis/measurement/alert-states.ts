import { nameOfAlertSignal } from "../../plan/signals/signal-spec.js";
import { type AlertState, stateOfNumber } from "../../slo/alert-state.js";
import type { Reason } from "../document/report.js";
import { reason } from "../reasons/reasons.js";
import type { PhaseObservations } from "./phase-view.js";

/** An alert in one phase: seconds of the phase, and its state then. */
export interface AlertSamples {
  readonly atS: readonly number[];
  readonly states: readonly AlertState[];
}

/** @returns why nothing is known of it: a reason has an id. */
export function alertSamples(view: PhaseObservations | null, name: string): AlertSamples | Reason {
  const signal = nameOfAlertSignal(name);
  const reading = view?.signal?.(signal) ?? null;
  if (reading === null) return reason("signal_unread", { signal });
  const [trouble] = reading.troubles;
  if (trouble) return reason("signal_trouble", { signal, trouble: trouble.id, facts: trouble.facts });
  return { atS: reading.atS, states: (reading.values ?? []).map(stateOfNumber) };
}
