/** States of an alert, each as the number that stands for it in samples of a signal. */
export const ALERT_STATES = ["quiet", "pending", "firing", "silenced", "inhibited"] as const;

export type AlertState = (typeof ALERT_STATES)[number];

export function numberOfState(state: AlertState): number {
  return ALERT_STATES.indexOf(state);
}

/** @returns "quiet" for a number that stands for no state. */
export function stateOfNumber(value: number): AlertState {
  return ALERT_STATES[value] ?? "quiet";
}
