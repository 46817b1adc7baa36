import { nameOfAlertSignal } from "../../plan/signals/signal-spec.js";
import { type AlertState, stateOfNumber } from "../../slo/alert-state.js";
import { troubleSentence, UNREAD } from "../wording/signal-sentences.js";
import type { PhaseObservations } from "./phase-view.js";

/** An alert in one phase: seconds of the phase, and its state then. */
export interface AlertSamples {
  readonly atS: readonly number[];
  readonly states: readonly AlertState[];
}

/** @returns a sentence on why nothing is known of it. */
export function alertSamples(view: PhaseObservations | null, name: string): AlertSamples | string {
  const signal = nameOfAlertSignal(name);
  const reading = view?.signal?.(signal) ?? null;
  if (reading === null) return UNREAD;
  const [trouble] = reading.troubles;
  if (trouble) return troubleSentence(signal, trouble);
  return { atS: reading.atS, states: (reading.values ?? []).map(stateOfNumber) };
}
