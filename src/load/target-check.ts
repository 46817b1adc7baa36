import { promisify } from "node:util";
import type { LoadTarget } from "../plan/load-plan.js";
import { bareHost } from "../support/address.js";
import { FaultlineError, messageOf } from "../support/errors.js";
import { lookupHost } from "../support/lookup-host.js";

/**
 * For protocols over TCP, TLS or a unix socket.
 * @throws FaultlineError TARGET_UNREACHABLE: the target's host has no address.
 */
export async function checkTargetHost({ url, socketPath }: LoadTarget): Promise<void> {
  if (socketPath !== null) return;
  const host = bareHost(new URL(url).hostname);
  try {
    await promisify(lookupHost)(host, {});
  } catch (error) {
    throw new FaultlineError(
      "TARGET_UNREACHABLE",
      `the host "${host}" of load.target has no address: ${messageOf(error)}`,
      { cause: error },
    );
  }
}
