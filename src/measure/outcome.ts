/** What became of one scheduled request. Exactly one of these, always. */
export const OUTCOMES = ["ok", "http_error", "timeout", "refused", "reset", "unsent"] as const;

export type Outcome = (typeof OUTCOMES)[number];

export type OutcomeCounts = Readonly<Record<Outcome, number>>;
