/** Where services are to listen, as their ready checks say. */

import { isReferenceText } from "../../kubernetes/references/object-reference.js";
import type { ServiceSpec } from "../../plan/run-plan.js";
import { type Address, addressOf, formatAddress } from "../../support/address.js";
import { FaultlineError } from "../../support/errors.js";
import { isLoopback, isSameListener, parseAddress } from "../../support/hosts.js";
import { isListening } from "../reach/tcp-probe.js";

/**
 * @param own host:port of this run's own listeners.
 * @returns null when the service says nothing of it, when it is on another machine, or when it is reached through a
 * listener of this run.
 */
export function listenAddress({ ready }: ServiceSpec, own: Iterable<string>): Address | null {
  if (ready === null || isReferenceText(ready)) return null;
  const address = addressOf(new URL(ready));
  return isLoopback(address.host) && !isOwnListener(address, own) ? address : null;
}

/**
 * Nothing may answer where a service will be looked for, before anything of ours runs. Otherwise another program would
 * seem to be the service, and the load would hit it.
 * @throws FaultlineError PORT_IN_USE
 */
export async function refuseForeignListeners(
  specs: readonly ServiceSpec[],
  own: readonly string[],
): Promise<void> {
  for (const { name, ready } of specs) {
    if (ready === null || isReferenceText(ready)) continue;
    const address = addressOf(new URL(ready));
    if (isOwnListener(address, own) || !(await isListening(address.host, address.port))) continue;
    throw new FaultlineError(
      "PORT_IN_USE",
      `service "${name}" is to listen on ${formatAddress(address)} (its ready check), but another program listens there already`,
    );
  }
}

function isOwnListener(address: Address, own: Iterable<string>): boolean {
  return [...own].some((listener) => isSameListener(parseAddress(listener), address));
}
