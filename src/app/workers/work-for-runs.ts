import { hostname } from "node:os";
import { connectToNats, leaveNats } from "../../load/distributed/nats-server.js";
import { natsUrl, shownNatsUrl } from "../../load/distributed/nats-url.js";
import { serveRuns } from "../../load/distributed/worker/serve-runs.js";
import { workersKeyOf } from "../../load/distributed/workers-key.js";
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
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
}

/**
 * Makes load for the runs that ask for it.
 * @throws FaultlineError USAGE, FILE_NOT_FOUND, NATS_UNREACHABLE, NATS_UNAUTHORIZED or LIMIT_REACHED.
 */
export async function workForRuns(options: WorkOptions): Promise<void> {
  const { url, env, once, signal, allowedHosts, say } = options;
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
      prepare: (plan, onSpoilt) => prepareFor(plan, allowedHosts, onSpoilt),
    });
  } finally {
    await leaveNats(nats);
  }
}

/** @throws FaultlineError HOST_NOT_ALLOWED, TARGET_UNREACHABLE. */
async function prepareFor(
  plan: LoadPlan,
  allowedHosts: readonly string[],
  onSpoilt: (reason: string) => void,
): Promise<() => void> {
  const { url, socketPath } = plan.target;
  const { host } = addressOf(new URL(url));
  if (socketPath === null && !isAllowedHost(host, allowedHosts)) {
    const message = `load.target is ${url}, and this worker was started without --allow-host ${host}`;
    throw new FaultlineError("HOST_NOT_ALLOWED", message);
  }
  await checkTarget(plan);
  const undo = [watchFileLimit((what) => onSpoilt(`it lost connections, as ${what}`))];
  if (plan.model.kind === "open") undo.push(raisePriority());
  return () => {
    for (const each of undo) each();
  };
}
