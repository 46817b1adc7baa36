/** One run of a fault: `repeat:` makes several of them. */
export interface FaultRound {
  /** As the scenario writes it. */
  readonly name: string;
  /** 1 for the first. */
  readonly round: number;
}

/** A later round beside the name that it goes by in records and reports: "slow cache (round 2)". */
export interface LaterRound {
  /** The fault's name in the scenario. */
  readonly of: string;
  /** 2 or more. */
  readonly number: number;
}

/** The name by which people tell a round from the others. */
export function labelOf({ name, round }: FaultRound): string {
  return round === 1 ? name : `${name} (round ${round})`;
}

/** The fault's name in the scenario, of what a record names by its label. */
export function scenarioName(label: string, round: LaterRound | undefined): string {
  return round?.of ?? label;
}

/** For a record: the label alone says which of several rounds it was to people only. */
export function laterRound({ name, round }: FaultRound): { readonly round?: LaterRound } {
  return round === 1 ? {} : { round: { of: name, number: round } };
}
