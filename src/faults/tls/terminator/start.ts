import { type PlaceServers, startPlaceServers } from "../../between/place-servers.js";
import type { TerminatorPlace, TerminatorQuestions } from "./messages.js";

/** The terminators of a run, as other threads see them. */
export type Terminators = PlaceServers<TerminatorQuestions>;

/** Starts one for each place. Throws FaultlineError GATEWAY_FAILED. */
export function startTerminators(
  places: readonly TerminatorPlace[],
  onLimit: (code: string) => void,
): Promise<Terminators> {
  return startPlaceServers({
    file: new URL("./worker.js", import.meta.url),
    data: { places },
    name: "the TLS terminator",
    onLimit,
  });
}
