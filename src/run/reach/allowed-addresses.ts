import { isReferenceText } from "../../kubernetes/references/object-reference.js";
import type { RunPlan } from "../../plan/run-plan.js";
import { addressOf } from "../../support/address.js";
import { FaultlineError } from "../../support/errors.js";
import { isAllowedHost, parseAddress } from "../../support/hosts.js";

/**
 * Checks all addresses of a run once more, now that this machine and the drivers of faults have filled in its
 * placeholders.
 * @throws FaultlineError HOST_NOT_ALLOWED.
 */
export function checkAllowed(plan: Pick<RunPlan, "allowedHosts" | "services" | "proxies" | "load">): void {
  const check = (host: string, what: string) => {
    if (isAllowedHost(host, plan.allowedHosts)) return;
    throw new FaultlineError("HOST_NOT_ALLOWED", `${what}, and ${host} is not this machine`);
  };
  for (const { name, upstream } of plan.proxies) {
    check(hostIn(upstream), `the upstream of proxy "${name}" is ${upstream}`);
  }
  for (const { name, ready } of plan.services) {
    if (ready !== null && !isReferenceText(ready))
      check(hostOfUrl(ready), `service "${name}" is ready at ${ready}`);
  }
  const { url, socketPath, isInCluster } = plan.load.target;
  // Its API server is looked at when that is opened.
  if (socketPath === null && !isInCluster) check(hostOfUrl(url), `load.target is ${url}`);
}

/** A text that is no address is no allowed host, either. */
function hostIn(address: string): string {
  return parseAddress(address)?.host ?? address;
}

function hostOfUrl(url: string): string {
  return URL.canParse(url) ? addressOf(new URL(url)).host : url;
}
