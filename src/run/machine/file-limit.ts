import { connectionsOf } from "../../load/share.js";
import type { RunPlan } from "../../plan/run-plan.js";
import { FaultlineError } from "../../support/errors.js";
import { formatCount } from "../../support/format.js";
import {
  describeLimit,
  LEAST_OPEN_FILES,
  openFileCount,
  openFileLimit,
} from "../../support/system-limits.js";

/** What a run has open beside its connections: threads, journal, watchdog, output of services. */
const BESIDE = 100;
/** A proxied connection is two: from the client, and to the upstream. */
const OF_A_PROXIED = 2;
const LOOK_MS = 250;
/** So near to the limit another thread may have met it between two looks. */
const NEAR = 3;

/** Throws LIMIT_REACHED where no run can be begun. */
export function refuseTooFewFiles(most = openFileLimit()): void {
  if (most === null || most >= LEAST_OPEN_FILES) return;
  const message = `this process may have ${formatCount(most)} open files (\`ulimit -n\`), and no run can do with fewer than ${LEAST_OPEN_FILES}`;
  throw new FaultlineError("LIMIT_REACHED", message);
}

/**
 * What is to be said before a run that may need more files and sockets than this process may have; null: nothing. How
 * many connections a service opens to its dependencies nobody knows: as many as the load has is a common number.
 */
export function fileLimitWarning(
  { load, proxies, services, toxiproxyUrl }: RunPlan,
  most = openFileLimit(),
): string | null {
  if (most === null) return null;
  const connections = connectionsOf(load.model);
  const proxied = toxiproxyUrl === null && proxies.length > 0 ? connections * OF_A_PROXIED : 0;
  const need = BESIDE + connections + proxied + proxies.length + 2 * services.length;
  if (need <= most) return null;
  const through = proxied === 0 ? "" : ` and up to ${formatCount(proxied)} through proxies`;
  return `this plan may need ${formatCount(need)} file descriptors (${formatCount(connections)} connections of the load${through}), and this process may have ${formatCount(most)}: raise the limit with \`ulimit -n ${need}\`, or lower the load's connections`;
}

/**
 * Looks again and again whether this process has come to its limit of open files. The system accepts and closes
 * connections then without a word, so waiting for errors is not enough. Returns a function that ends it.
 */
export function watchFileLimit(onHit: (what: string) => void): () => void {
  const most = openFileLimit();
  if (most === null) return () => {};
  const timer = setInterval(() => {
    const count = openFileCount();
    if (count !== null && count >= most - NEAR) onHit(describeLimit("EMFILE"));
  }, LOOK_MS).unref();
  return () => clearInterval(timer);
}
