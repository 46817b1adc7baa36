import { clusterRights } from "../faults/cluster/cluster-rights.js";
import { rightInWords } from "../kubernetes/problem.js";
import { type Grantee, rbacManifests } from "../kubernetes/rbac.js";
import type { Right } from "../kubernetes/rights.js";
import { rightsForTarget } from "../load/forward/open-forward.js";
import { looksRights, looksWishes } from "../plan/cluster/cluster-looks.js";
import type { RunPlan } from "../plan/run-plan.js";
import { plannedActions } from "../plan/steps.js";
import { FaultlineError } from "../support/errors.js";

const SERVICE_ACCOUNT = "faultline";
const MOST_NAME = 200;

/**
 * What the faults of these plans, their load, and what they look at, have to be allowed in a cluster.
 * @throws FaultlineError USAGE when nothing of them is in one.
 */
export async function rightsOfPlans(plans: readonly RunPlan[]): Promise<readonly Right[]> {
  const found: Right[] = [];
  for (const plan of plans) {
    const { steps, cluster, load } = plan;
    if (cluster !== null) found.push(...(await clusterRights(plannedActions(steps), cluster)));
    found.push(...rightsForTarget(load.target.url), ...looksRights(plan), ...looksWishes(plan));
  }
  if (found.length === 0) {
    const message =
      "no fault of this scenario acts in a cluster, its load goes to none, and none is looked at";
    throw new FaultlineError("USAGE", message);
  }
  return [...new Map(found.map((right) => [JSON.stringify(right), right])).values()];
}

/** One line for each. */
export function rightsInWords(rights: readonly Right[]): string {
  const words = rights.map(
    (right) => `${rightInWords(right)}${right.name === undefined ? "" : `: ${right.name}`}`,
  );
  return `${[...new Set(words)].join("\n")}\n`;
}

/** "Cart dies" → "faultline-cart-dies": scenarios do not take each other's rights away. */
export function roleNameFor(scenarios: readonly string[]): string {
  const words =
    scenarios
      .join(" ")
      .toLowerCase()
      .match(/[a-z0-9]+/g) ?? [];
  return ["faultline", ...words].join("-").slice(0, MOST_NAME).replace(/-$/, "");
}

/**
 * @param to "user:NAME", "group:NAME" or "serviceaccount:NAMESPACE/NAME"; null: a service account in the first namespace.
 * @param name of the roles.
 */
export function rbacOfRights(rights: readonly Right[], to: string | null, name: string): string {
  return `# What the scenario needs, and nothing more. Whoever is logged in may ask what they may do (system:basic-user).
${rbacManifests(rights, granteeOf(rights, to), name)}`;
}

/** @throws FaultlineError USAGE */
function granteeOf(rights: readonly Right[], to: string | null): Grantee {
  const namespace = rights.find((right) => right.namespace !== null)?.namespace ?? "default";
  if (to === null) return { kind: "ServiceAccount", namespace, name: SERVICE_ACCOUNT };
  const [, who, name = ""] = /^(user|group|serviceaccount):(.+)$/.exec(to) ?? [];
  if (who === "user") return { kind: "User", name };
  if (who === "group") return { kind: "Group", name };
  const [own = "", account = "", ...rest] = name.split("/");
  if (who === "serviceaccount" && own !== "" && account !== "" && rest.length === 0) {
    return { kind: "ServiceAccount", namespace: own, name: account };
  }
  throw new FaultlineError(
    "USAGE",
    `--to: expected user:NAME, group:NAME or serviceaccount:NAMESPACE/NAME, not "${to}"`,
  );
}
