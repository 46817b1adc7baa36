import type { ComposedFaults } from "../../faults/compose.js";
import type { RunPlan } from "../../plan/run-plan.js";
import { messageOf } from "../../support/errors.js";
import type { RunControl } from "../run-control.js";
import { checkTarget, checkUpstream } from "./reachable.js";
import { checkUpstreamTls } from "./upstream-tls.js";

/**
 * Refuses a run whose target or upstreams take no connections.
 * @param looksAtTarget false: the workers look at it themselves.
 */
export async function checkReachable(
  control: RunControl,
  { proxies, load }: RunPlan,
  { server }: ComposedFaults,
  looksAtTarget: boolean,
): Promise<void> {
  control.say("checking upstreams and target");
  const upstreams = proxies.map(async (proxy) => {
    await checkUpstream(proxy.name, proxy.upstream);
    await checkUpstreamTls(proxy);
  });
  const checks = Promise.allSettled([...upstreams, ...(looksAtTarget ? [checkTarget(load)] : [])]);
  for (const [index, check] of (await control.stop.unlessStopped(checks)).entries()) {
    if (check.status === "fulfilled") continue;
    // A server that is not ours may stand in another network, where the upstream has its own name.
    const isDoubtful = server?.kind === "external" && index < upstreams.length;
    if (!isDoubtful) throw check.reason;
    control.warn(messageOf(check.reason));
  }
}
