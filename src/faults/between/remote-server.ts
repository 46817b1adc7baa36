import { FaultlineError } from "../../support/errors.js";
import { hostOf, isLoopback } from "../../support/hosts.js";

/**
 * A server elsewhere cannot reach what listens for this machine alone.
 * @param what The key that makes something stand behind a proxy: "protocol: http".
 */
export function refuseRemoteServer(what: string, toxiproxyUrl: string | null): void {
  if (toxiproxyUrl === null || isLoopback(hostOf(new URL(toxiproxyUrl)))) return;
  throw new FaultlineError(
    "USAGE",
    `${what} needs a Toxiproxy on this machine, or the embedded one; ${toxiproxyUrl} is elsewhere.`,
  );
}
