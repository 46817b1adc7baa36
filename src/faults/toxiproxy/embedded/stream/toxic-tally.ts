/** What a toxic has done since it was added or last updated: what the proof of a fault rests on. */
export interface ToxicTally {
  /** Connections that it met. */
  connections: number;
  /** Of those, the ones that toxicity did not spare. */
  drawn: number;
  /** Of those, the ones on which it acted. */
  hits: number;
  /** How often it acted, on all of them together. */
  acts: number;
}

export function emptyTally(): ToxicTally {
  return { connections: 0, drawn: 0, hits: 0, acts: 0 };
}
