/** One run of a fault. `repeat:` makes several of them. */
export interface FaultRound {
  /** As in the scenario. */
  readonly name: string;
  /** 1 for the first. */
  readonly round: number;
}

/** A later round. In records and reports its fault is called "slow cache (round 2)". */
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

/** The fault's name in the scenario, for a fault that a record names by its label. */
export function scenarioName(label: string, round: LaterRound | undefined): string {
  return round?.of ?? label;
}

/** For a record: the label tells the round only to people. */
export function laterRound({ name, round }: FaultRound): { readonly round?: LaterRound } {
  return round === 1 ? {} : { round: { of: name, number: round } };
}
