/** How fast a fault uses up what the SLO allows to go wrong. */

/** A budget is counted over 30 days, as SLOs usually are. */
const BUDGET_MINUTES = 30 * 24 * 60;

/** Bad share over allowed share. At 1 the budget is used up in exactly 30 days. */
export function burnRate(badShare: number, budget: number): number {
  return badShare / budget;
}

/** Share of a 30-day budget that `minutes` at this burn rate use. */
export function budgetConsumed(burn: number, minutes: number): number {
  return (burn * minutes) / BUDGET_MINUTES;
}
