import type { Right } from "../../kubernetes/rights.js";
import type { ClusterTerms } from "../../kubernetes/terms.js";
import { DRIVERS } from "../drivers.js";
import type { FaultAction } from "../fault-action.js";
import { withCommonRights } from "./open-for-faults.js";

/** What these actions need in a cluster, each right once. Actions that act in none need nothing. */
export async function clusterRights(
  actions: readonly FaultAction[],
  terms: ClusterTerms,
): Promise<readonly Right[]> {
  const found: Right[] = [];
  for (const [driver, { rights }] of Object.entries(DRIVERS)) {
    const own = actions.filter((action) => action.driver === driver);
    if (own.length === 0 || rights === undefined) continue;
    const { rightsFor } = await rights();
    found.push(...withCommonRights(rightsFor(own, terms), terms));
  }
  return [...new Map(found.map((right) => [JSON.stringify(right), right])).values()];
}
