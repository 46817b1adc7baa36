import { hostname } from "node:os";
import { resolve } from "node:path";
import { connectToNats, leaveNats } from "../../load/distributed/nats-server.js";
import { natsUrl, shownNatsUrl } from "../../load/distributed/nats-url.js";
import { serveRuns } from "../../load/distributed/worker/serve-runs.js";
import { workersKeyOf } from "../../load/distributed/workers-key.js";
import { LOAD_THREAD, LoadThreads } from "../../load/thread/load-threads.js";
import type { LoadPlan } from "../../plan/load-plan.js";
import { refuseTooFewFiles, watchFileLimit } from "../../run/machine/file-limit.js";
import { raisePriority } from "../../run/machine/priority.js";
import { checkTarget } from "../../run/reach/reachable.js";
import { addressOf } from "../../support/address.js";
import { FaultlineError } from "../../support/errors.js";
import { isAllowedHost } from "../../support/hosts.js";
import { oneLine } from "../../support/printable.js";
import { toolVersion } from "../tool-version.js";

const LONGEST_NAME = 100;

export interface WorkOptions {
  readonly url: string;
  /** undefined: that of this machine. */
  readonly name: string | undefined;
  readonly once: boolean;
  readonly allowedHosts: readonly string[];
  /** Paths of unix sockets that may be loaded. */
  readonly allowedSockets: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
}

/**
 * Makes load for the runs that ask for it.
 * @throws FaultlineError USAGE, FILE_NOT_FOUND, NATS_UNREACHABLE, NATS_UNAUTHORIZED or LIMIT_REACHED.
 */
export async function workForRuns(options: WorkOptions): Promise<void> {
  const { url, env, once, signal, say } = options;
  const name = options.name ?? hostname();
  if (name.trim() === "" || name !== oneLine(name) || name.length > LONGEST_NAME) {
    throw new FaultlineError("USAGE", `--name: expected one line of 1 to ${LONGEST_NAME} characters`);
  }
  const server = natsUrl(url);
  const workersKey = workersKeyOf(env, server);
  refuseTooFewFiles();
  const nats = await connectToNats({ url, env, name: `faultline worker ${name}` });
  try {
    say(`worker ${name} waits for runs at ${shownNatsUrl(server)}`);
    await serveRuns({
      nats,
      name,
      version: toolVersion(),
      workersKey,
      once,
      signal,
      say,
      prepare: (plan, onSpoilt) => prepareFor(plan, options, onSpoilt),
      startThreads: (plan, shares, listener) => LoadThreads.start(plan, shares, listener, LOAD_THREAD),
    });
  } finally {
    await leaveNats(nats);
  }
}

/** @throws FaultlineError HOST_NOT_ALLOWED, TARGET_UNREACHABLE. */
async function prepareFor(
  plan: LoadPlan,
  { allowedHosts, allowedSockets }: Pick<WorkOptions, "allowedHosts" | "allowedSockets">,
  onSpoilt: (reason: string) => void,
): Promise<() => void> {
  // A run that is what it should be has refused this. It would have files written to any folder of this machine.
  if (plan.ids !== undefined)
    throw new FaultlineError("SCENARIO_INVALID", "a worker does not write down the ids of requests");
  const { url, socketPath } = plan.target;
  const { host } = addressOf(new URL(url));
  if (socketPath === null && !isAllowedHost(host, allowedHosts)) {
    const message = `load.target is ${url}, and this worker was started without --allow-host ${host}`;
    throw new FaultlineError("HOST_NOT_ALLOWED", message);
  }
  if (socketPath !== null && !allowedSockets.some((allowed) => resolve(allowed) === resolve(socketPath))) {
    const message = `load.socket is ${socketPath}, and this worker was started without --allow-socket ${socketPath}`;
    throw new FaultlineError("HOST_NOT_ALLOWED", message);
  }
  await checkTarget(plan);
  const undo = [watchFileLimit((what) => onSpoilt(`it lost connections, as ${what}`))];
  if (plan.model.kind === "open") undo.push(raisePriority());
  return () => {
    for (const each of undo) each();
  };
}
