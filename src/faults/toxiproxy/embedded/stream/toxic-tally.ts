/** What a toxic has done since it was added or last updated. The proof of a fault rests on it. */
export interface ToxicTally {
  /** Connections that it met. */
  connections: number;
  /** Connections among these that toxicity did not spare. */
  drawn: number;
  /** Connections among these on which it acted. */
  hits: number;
  /** How often it acted, on all of them together. */
  acts: number;
}

export function emptyTally(): ToxicTally {
  return { connections: 0, drawn: 0, hits: 0, acts: 0 };
}
