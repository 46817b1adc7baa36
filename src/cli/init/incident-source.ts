/** What `--from` says for the server that has recorded an incident. */
export const PROMETHEUS = "prometheus";

/** Whether `--from` names a record of an incident, and no compose file. */
export function isIncident(from: string): boolean {
  return from === PROMETHEUS || from.toLowerCase().endsWith(".csv");
}
