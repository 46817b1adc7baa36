import type { LoadTarget } from "../plan/load-plan.js";
import { parseAddress } from "../scenario/hosts.js";
import { addressOf } from "../support/address.js";
import { FaultlineError } from "../support/errors.js";
import { connectProblem } from "./tcp-probe.js";

const CONNECT_TIMEOUT_MS = 5_000;

/** @throws FaultlineError UPSTREAM_UNREACHABLE: nothing listens behind the proxy. */
export async function checkUpstream(proxy: string, upstream: string): Promise<void> {
  const address = parseAddress(upstream);
  const problem = address ? await connectProblem(address, CONNECT_TIMEOUT_MS) : "it is not host:port";
  if (problem !== null) {
    throw new FaultlineError(
      "UPSTREAM_UNREACHABLE",
      `the upstream of proxy "${proxy}", ${upstream}, cannot be reached: ${problem}`,
    );
  }
}

/** @throws FaultlineError TARGET_UNREACHABLE: nothing listens where the load would go. */
export async function checkTarget({
  url,
  socketPath,
}: Pick<LoadTarget, "url" | "socketPath">): Promise<void> {
  const to = socketPath === null ? addressOf(new URL(url)) : { path: socketPath };
  const problem = await connectProblem(to, CONNECT_TIMEOUT_MS);
  if (problem !== null) {
    throw new FaultlineError(
      "TARGET_UNREACHABLE",
      `load.target ${socketPath ?? url} cannot be reached: ${problem}`,
    );
  }
}
