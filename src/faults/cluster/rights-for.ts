import type { Right } from "../../kubernetes/rights.js";
import type { ClusterTerms } from "../../kubernetes/terms.js";
import type { FaultAction } from "../fault-action.js";

/** Of one driver: each right that its actions need in a cluster, and no other. */
export type RightsFor = (actions: readonly FaultAction[], terms: ClusterTerms) => readonly Right[];
