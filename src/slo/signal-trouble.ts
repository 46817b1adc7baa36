/** Why samples of a signal say nothing of the time that they are of. */
export const SIGNAL_TROUBLES = [
  "no_answer",
  "command_failed",
  "nothing_printed",
  "refused_query",
  "no_interval",
  "no_series",
  "no_rule",
  "several_series",
  "not_a_number",
  "series_gone",
  "gap",
  "clock",
] as const;

export interface SignalTrouble {
  readonly id: (typeof SIGNAL_TROUBLES)[number];
  readonly facts: Readonly<Record<string, string | number>>;
}
