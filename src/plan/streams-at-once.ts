import type { LoadModel } from "./load-plan.js";

/** As many as browsers put on one connection. */
const OPEN_MODEL_STREAMS = 100;

/**
 * Requests that are put on a connection of HTTP/2 at once, where nobody says how many. In the closed model the
 * connections are the users, and each sends one at a time.
 */
export function usualStreams(model: LoadModel): number {
  return model.kind === "open" ? OPEN_MODEL_STREAMS : 1;
}
