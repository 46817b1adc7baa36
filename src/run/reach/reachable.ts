import { PROTOCOLS, protocolFor } from "../../load/protocols.js";
import { settleProtocol } from "../../load/settle-protocol.js";
import type { LoadPlan } from "../../plan/load-plan.js";
import type { Endpoint } from "../../plan/run-plan.js";
import { addressOf } from "../../support/address.js";
import { type ErrorCode, FaultlineError } from "../../support/errors.js";
import { parseAddress } from "../../support/hosts.js";
import { type ConnectProblem, connectProblem } from "./tcp-probe.js";

const CONNECT_TIMEOUT_MS = 5_000;

/** Nothing answers where the run would connect to. What to do depends on the reason. */
export class UnreachableError extends FaultlineError {
  readonly endpoint: Endpoint;
  readonly #remedy: string;

  constructor(code: ErrorCode, endpoint: Endpoint, message: string, remedy: string) {
    super(code, message);
    this.endpoint = endpoint;
    this.#remedy = remedy;
  }

  override get hint(): string {
    return this.#remedy;
  }
}

/** @throws UnreachableError UPSTREAM_UNREACHABLE: nothing listens behind the proxy. */
export async function checkUpstream(proxy: string, upstream: string): Promise<void> {
  const address = parseAddress(upstream);
  const problem = address
    ? await connectProblem(address, CONNECT_TIMEOUT_MS)
    : { code: null, text: "it is not host:port" };
  if (problem === null) return;
  const message = `the upstream of proxy "${proxy}", ${upstream}, cannot be reached: ${problem.text}`;
  const endpoint = { kind: "upstream", proxy } as const;
  throw new UnreachableError("UPSTREAM_UNREACHABLE", endpoint, message, remedyFor(problem, "dependency"));
}

/** @throws UnreachableError TARGET_UNREACHABLE: nothing listens where the load would go. */
export async function checkTarget(load: LoadPlan): Promise<void> {
  const { url, socketPath } = load.target;
  const to = socketPath === null ? addressOf(new URL(url)) : { path: socketPath };
  const problem = await connectProblem(to, CONNECT_TIMEOUT_MS);
  const [kind, what] =
    socketPath === null
      ? (["target", `load.target ${url}`] as const)
      : (["socket", `load.socket ${socketPath}`] as const);
  if (problem === null) {
    const settled = await settleProtocol(load);
    const mismatch = await protocolFor(settled, PROTOCOLS).mismatch?.(load.target);
    if (!mismatch) return;
    const message = `${what} ${mismatch.problem}`;
    throw new UnreachableError("TARGET_UNREACHABLE", { kind }, message, mismatch.remedy);
  }
  const remedy = kind === "socket" ? remedyForSocket(problem) : remedyFor(problem, "service");
  const message = `${what} cannot be reached: ${problem.text}`;
  throw new UnreachableError("TARGET_UNREACHABLE", { kind }, message, remedy);
}

function remedyFor({ code }: ConnectProblem, what: "service" | "dependency"): string {
  switch (code) {
    case "ENOTFOUND":
      return "Is the name misspelt, or missing in the DNS and the hosts file of this machine? Names of another network, such as those of Docker Compose, are known only there.";
    case "EAI_AGAIN":
      return "The name server did not answer: is this machine connected, and is the name one that it can look up?";
    case "ECONNREFUSED":
      return `Nothing listens there: is the port right? Start the ${what} first, or name it under services: with \`ready\`.`;
    default:
      return `Is the address right, and is there a way to it from here? Start the ${what} first, or name it under services:.`;
  }
}

function remedyForSocket({ code }: ConnectProblem): string {
  switch (code) {
    case "ENOENT":
      return "Start the service that makes this socket first, or name it under services:. A path is relative to the file that it is written in.";
    case "ECONNREFUSED":
      return "The file is there, and nothing listens on it any more: start the service again.";
    case "EACCES":
      return "This user may not connect to it: look at the permissions of the socket and its folder.";
    default:
      return "Is it the path of a unix socket that the service listens on?";
  }
}
