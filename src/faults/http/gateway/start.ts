import { type PlaceServers, startPlaceServers } from "../../between/place-servers.js";
import type { GatewayPlace, GatewayQuestions, GatewaysStart } from "./messages.js";

/** The gateways of a run, as other threads see them. */
export type Gateways = PlaceServers<GatewayQuestions>;

/** Starts one for each place. Throws FaultlineError GATEWAY_FAILED. */
export function startGateways(
  places: readonly GatewayPlace[],
  seed: number,
  onLimit: (code: string) => void,
): Promise<Gateways> {
  const data: Omit<GatewaysStart, "standstills"> = { places, seed };
  return startPlaceServers({
    file: new URL("./worker.js", import.meta.url),
    data,
    name: "the HTTP gateway",
    onLimit,
  });
}
