/** What became of one scheduled request. Each request has exactly one of these. */
export const OUTCOMES = ["ok", "http_error", "timeout", "refused", "reset", "unsent"] as const;

export type Outcome = (typeof OUTCOMES)[number];

export type OutcomeCounts = Readonly<Record<Outcome, number>>;

/** Outcomes as numbers, for the hot path: positions in OUTCOMES. */
export const OUTCOME = {
  ok: OUTCOMES.indexOf("ok"),
  httpError: OUTCOMES.indexOf("http_error"),
  timeout: OUTCOMES.indexOf("timeout"),
  refused: OUTCOMES.indexOf("refused"),
  reset: OUTCOMES.indexOf("reset"),
  unsent: OUTCOMES.indexOf("unsent"),
} as const;

/** An entry for each outcome. `make` also gets its position in OUTCOMES. */
export function perOutcome<T>(make: (outcome: Outcome, at: number) => T): Record<Outcome, T> {
  const entries = OUTCOMES.map((outcome, at) => [outcome, make(outcome, at)] as const);
  // Object.fromEntries cannot know that every outcome is there.
  return Object.fromEntries(entries) as Record<Outcome, T>;
}

/**
 * Reason of a request that went out on a kept-alive connection just as the other side closed it for being idle too
 * long. The request never got there.
 */
export const CLOSED_IDLE = "closed idle";

/** Stands for the reasons of outcomes that are not told apart. */
export const OTHER_REASONS = "other";

/**
 * The most frequent reason for failures. @returns null when nothing failed, or when no kind of failure stands out by
 * name.
 */
export function topReason(reasons: Readonly<Record<string, number>>): string | null {
  const [top] = Object.entries(reasons).sort((a, b) => b[1] - a[1]);
  return top && top[0] !== OTHER_REASONS ? top[0] : null;
}
