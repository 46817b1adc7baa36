import type { LaterRound } from "../../plan/fault-round.js";

/** Names of faults and of requests. Each has one masked form everywhere. */
export interface MaskedNames {
  readonly fault: (name: string | null) => string | null;
  readonly request: (name: string | null) => string | null;
}

/** Two names that differ only in a secret would become one. The second one gets a number. */
export function apart(mask: (text: string) => string): (name: string) => string {
  const masked = new Map<string, string>();
  const taken = new Set<string>();
  return (name) => {
    const known = masked.get(name);
    if (known !== undefined) return known;
    const base = mask(name);
    let own = base;
    for (let number = 2; taken.has(own); number += 1) own = `${base} (${number})`;
    taken.add(own);
    masked.set(name, own);
    return own;
  };
}

export function maskRound(
  round: LaterRound | undefined,
  name: (text: string) => string,
): { readonly round?: LaterRound } {
  return round === undefined ? {} : { round: { ...round, of: name(round.of) } };
}
