import { isClusterTarget, parseClusterTarget } from "../../../notation/cluster-target.js";
import type { CheckContext } from "../context.js";

const HELP = "For example k8s://shop/cart, or k8s://shop/cart:8080 where the service has several ports.";

/** What people write for a service in a cluster. */
const LOOKS_LIKE_ONE = /^(?:k8s|kube|kubernetes)(?:[+.-][a-z0-9]+)?$/;

/** Whether a scheme is meant for a service in a cluster, and is none. */
export function isNearlyCluster(scheme: string): boolean {
  return LOOKS_LIKE_ONE.test(scheme) && !isClusterTarget(`${scheme}://`);
}

export const CLUSTER_HELP =
  "Write k8s://NAMESPACE/SERVICE, or k8s+https:// where the service speaks TLS. Requests of gRPC and WebSocket go there, too.";

/** Checks the form of a target in a cluster. Which namespaces may be used is checked with faults. */
export function checkClusterTarget(context: CheckContext, target: string): void {
  const { diagnostics } = context;
  const at = context.at("load", "target");
  const parsed = parseClusterTarget(target);
  if (parsed === null) {
    diagnostics.error("wrong-value", at, "expected k8s://NAMESPACE/SERVICE, with :PORT behind it", HELP);
    return;
  }
  const hasRequests = context.has("load", "requests") || context.has("load", "journeys");
  if (parsed.rest.includes("#") || (hasRequests && parsed.rest.includes("?"))) {
    diagnostics.error("wrong-value", at, "the target has a path at most; queries belong to the requests");
  }
  if (!context.has("load", "socket")) return;
  const message = "a service in a cluster is not reached by a `socket` of this machine";
  diagnostics.error("conflict", context.key("load", "socket"), message, "Take socket away.");
}
