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

/** Files that a run has open beside its connections: threads, journal, watchdog, output of services. */
const BESIDE = 100;
/** A proxied or forwarded connection is two: from the client, and to the upstream. Behind a proxy that knows its protocol it is two more. */
const OF_A_PROXIED = 2;
const LOOK_MS = 250;
/** This near to the limit, another thread may have met it between two looks. */
const NEAR = 3;

/** @throws LIMIT_REACHED when no run can begin. */
export function refuseTooFewFiles(most = openFileLimit()): void {
  if (most === null || most >= LEAST_OPEN_FILES) return;
  const message = `this process may have ${formatCount(most)} open files (\`ulimit -n\`), and no run can do with fewer than ${LEAST_OPEN_FILES}`;
  throw new FaultlineError("LIMIT_REACHED", message);
}

/**
 * A warning before a run that may need more files and sockets than this process may have. Nobody knows how many
 * connections a service opens to its dependencies. As many as the load has is a common number.
 * @returns null when there is nothing to warn of.
 */
export function fileLimitWarning(
  { load, proxies, services, toxiproxyUrl }: RunPlan,
  most = openFileLimit(),
): string | null {
  if (most === null) return null;
  const connections = connectionsOf(load.model);
  const stands = [toxiproxyUrl === null && proxies.length > 0, proxies.some(({ protocol }) => protocol)];
  const proxied = connections * OF_A_PROXIED * stands.filter(Boolean).length;
  const forwarded = load.target.isInCluster ? connections * OF_A_PROXIED : 0;
  const need = BESIDE + connections + forwarded + proxied + proxies.length + 2 * services.length;
  if (need <= most) return null;
  const through = [
    ...(forwarded === 0 ? [] : [` and ${formatCount(forwarded)} of their port-forwards`]),
    ...(proxied === 0 ? [] : [` and up to ${formatCount(proxied)} through proxies`]),
  ].join("");
  return `this plan may need ${formatCount(need)} file descriptors (${formatCount(connections)} connections of the load${through}), and this process may have ${formatCount(most)}: raise the limit with \`ulimit -n ${need}\`, or lower the load's connections`;
}

/**
 * Checks repeatedly whether this process has reached its limit of open files. At the limit the system accepts and
 * closes connections without a word, so waiting for errors is not enough. @returns a function that ends it.
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
