import { FaultlineError } from "../../support/errors.js";
import { isLocalNats } from "./nats-url.js";
import { networkPlace } from "./place.js";

export const WORKERS_KEY_VARIABLE = "FAULTLINE_WORKERS_KEY";

/**
 * The secret that runs and workers share, from the environment. Who has it can have workers load what they may, and gets the
 * plans of runs. Without one, what only this machine knows is enough on it.
 * @throws FaultlineError USAGE.
 */
export function workersKeyOf(env: Readonly<Record<string, string | undefined>>, server: URL): string {
  const key = env[WORKERS_KEY_VARIABLE] ?? "";
  if (/^[\x21-\x7e]{16,}$/.test(key)) return key;
  if (key !== "") {
    const message = `${WORKERS_KEY_VARIABLE} must have at least 16 characters, and none but those of ASCII that can be seen.`;
    throw new FaultlineError("USAGE", message);
  }
  if (isLocalNats(server)) return networkPlace();
  throw new FaultlineError(
    "USAGE",
    `${WORKERS_KEY_VARIABLE} is not set. Beyond this machine, give runs and workers the same key of at least 16 characters (openssl rand -hex 24).`,
  );
}
