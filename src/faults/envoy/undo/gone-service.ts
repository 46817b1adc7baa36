import { FaultlineError } from "../../../support/errors.js";
import { NoAnswer } from "../../../support/outside/bounded-request.js";
import type { EnvoyDeed } from "./deed.js";

const ENDED = ["ECONNREFUSED", "ECONNRESET"];

/**
 * Whether the Envoy was a service of the run and has ended, and its runtime with it. Of any other Envoy nobody knows: a tunnel to
 * it may have ended while the Envoy lives on.
 */
export function isGoneService(error: unknown, deeds: readonly Pick<EnvoyDeed, "service">[]): boolean {
  if (deeds.some(({ service }) => service === null)) return false;
  if (!(error instanceof FaultlineError) || error.code !== "ENVOY_UNREACHABLE") return false;
  return error.cause instanceof NoAnswer && ENDED.includes(error.cause.code);
}
