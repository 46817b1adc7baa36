import { connect } from "node:net";
import type { LoadPlan } from "../plan/load-plan.js";
import { FaultlineError } from "../support/errors.js";

const CONNECT_TIMEOUT_MS = 5_000;

/** host:port or [v6]:port → its parts. */
export function splitAddress(address: string): { readonly host: string; readonly port: number } {
  const at = address.lastIndexOf(":");
  return { host: address.slice(0, at).replace(/^\[|\]$/g, ""), port: Number(address.slice(at + 1)) };
}

/** Why nothing can be reached there; null when a TCP (or unix socket) connection opens. */
export function connectProblem(
  to: { host: string; port: number } | { path: string },
): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect("path" in to ? { path: to.path } : { host: to.host, port: to.port });
    const finish = (problem: string | null) => {
      socket.destroy();
      resolve(problem);
    };
    socket.setTimeout(CONNECT_TIMEOUT_MS, () =>
      finish(`no connection within ${CONNECT_TIMEOUT_MS / 1000} s`),
    );
    socket.once("connect", () => finish(null));
    socket.once("error", (error) => finish(error.message));
  });
}

/** @throws FaultlineError UPSTREAM_UNREACHABLE: nothing listens behind the proxy. */
export async function checkUpstream(proxy: string, upstream: string): Promise<void> {
  const problem = await connectProblem(splitAddress(upstream));
  if (problem) {
    throw new FaultlineError(
      "UPSTREAM_UNREACHABLE",
      `the upstream of proxy "${proxy}", ${upstream}, cannot be reached: ${problem}`,
    );
  }
}

/** @throws FaultlineError TARGET_UNREACHABLE: nothing listens where the load would go. */
export async function checkTarget({ url, socketPath }: LoadPlan["target"]): Promise<void> {
  const { hostname, port, protocol } = new URL(url);
  const problem = await connectProblem(
    socketPath !== null
      ? { path: socketPath }
      : { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port) || (protocol === "https:" ? 443 : 80) },
  );
  if (problem) {
    throw new FaultlineError(
      "TARGET_UNREACHABLE",
      `load.target ${socketPath ?? url} cannot be reached: ${problem}`,
    );
  }
}
