import type { LoadPlan } from "../plan/load-plan.js";
import { peakOf } from "../plan/profile.js";
import { FaultlineError } from "../support/errors.js";
import { MergedLoad } from "./merged-load.js";
import type { CompleteOptions, Protocol } from "./protocol.js";
import { PROTOCOLS, protocolFor } from "./protocols.js";
import type { LoadSessionOptions, StartLoad } from "./session.js";
import { settlePlan } from "./settle-plan.js";
import { connectionsOf, sharesOf } from "./share.js";
import { LOAD_THREAD, LoadThreads } from "./thread/load-threads.js";

/**
 * Starts the load threads. Load itself begins with the first segment.
 * @throws UNSUPPORTED_PROTOCOL, SCENARIO_INVALID, TARGET_UNREACHABLE or LOAD_FAILED.
 */
export const startLoad: StartLoad = loadOver(PROTOCOLS, LOAD_THREAD);

/** A run has settled its plan before. Nobody knows of secrets here. */
const NOT_SHOWN: CompleteOptions = { signal: null, mask: (text) => text };

/** `threadFile`: the file of a worker that chooses from the same protocols. */
export function loadOver(protocols: readonly Protocol[], threadFile: URL): StartLoad {
  return async (options) => {
    const plan = await settlePlan(options.plan, NOT_SHOWN, protocols);
    await sendableBy(plan, protocols).check(plan);
    return ThreadedLoad.start({ ...options, plan }, threadFile);
  };
}

/** The protocol that sends the plan. @throws FaultlineError UNSUPPORTED_PROTOCOL, SCENARIO_INVALID: none could. */
export function sendableBy(plan: LoadPlan, protocols: readonly Protocol[] = PROTOCOLS): Protocol {
  const protocol = protocolFor(plan, protocols);
  checkLoadModel(plan);
  refuseUncarriedIds(plan, protocol);
  return protocol;
}

/** A load session over worker threads. */
export class ThreadedLoad extends MergedLoad<LoadThreads> {
  static start(options: LoadSessionOptions, threadFile = LOAD_THREAD): Promise<ThreadedLoad> {
    const { plan } = options;
    const shares = sharesOf(threadCount(plan));
    return new ThreadedLoad(options).open((listener) =>
      LoadThreads.start(plan, shares, listener, threadFile),
    );
  }
}

/** @throws FaultlineError SCENARIO_INVALID: nothing would ever be sent, or answered in time. */
function checkLoadModel({ model, timeoutMs }: LoadPlan): void {
  if (!(peakOf(model.profile) > 0)) {
    const what = model.kind === "open" ? "rate" : "number of connections";
    throw new FaultlineError("SCENARIO_INVALID", `the load's ${what} is never above 0`);
  }
  if (!(timeoutMs > 0)) throw new FaultlineError("SCENARIO_INVALID", "the load's timeout must be above 0");
  if (model.kind === "open" && !(model.maxConnections >= 1)) {
    throw new FaultlineError("SCENARIO_INVALID", "the load needs at least 1 connection");
  }
}

/** @throws FaultlineError UNSUPPORTED_PROTOCOL: what is asked for would not be sent. */
function refuseUncarriedIds({ tracing, target }: LoadPlan, { carriesTraceIds }: Protocol): void {
  if (!tracing || carriesTraceIds) return;
  const message = `load.tracing: requests to load.target "${target.url}" carry no trace ids; leave it out`;
  throw new FaultlineError("UNSUPPORTED_PROTOCOL", message);
}

/** Not more threads than connections: a thread without a connection could send nothing. */
function threadCount(plan: LoadPlan): number {
  return Math.max(1, Math.min(plan.workers, connectionsOf(plan.model)));
}
