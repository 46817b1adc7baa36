/** An alert is read as a signal is. No signal of a scenario has a blank in its name. */
export function nameOfAlertSignal(alert: string): string {
  return `alert ${alert}`;
}
