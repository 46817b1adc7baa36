import { requestKinds } from "../plan/load-mix.js";
import type { LoadPlan } from "../plan/load-plan.js";
import { FaultlineError } from "../support/errors.js";
import { grpc } from "./grpc/protocol.js";
import { http1 } from "./http1/protocol.js";
import { http2 } from "./http2/protocol.js";
import type { Protocol } from "./protocol.js";
import { websocket, websocketBeside } from "./websocket/protocol.js";

/** What of a plan chooses its protocol. */
export type ProtocolChoice = Pick<LoadPlan, "target" | "mix" | "protocol">;

export const PROTOCOLS: readonly Protocol[] = [http1, http2, grpc, websocket, websocketBeside(http1)];

/**
 * The first protocol that has the scheme of the plan's target and sends all of its requests. Where the same requests can
 * be sent by several, the plan says which.
 * @throws FaultlineError SCENARIO_INVALID: the target is no URL; UNSUPPORTED_PROTOCOL: there is no such protocol.
 */
export function protocolFor(
  { target: { url }, mix, protocol = "http1" }: ProtocolChoice,
  protocols: readonly Protocol[],
): Protocol {
  const { protocol: scheme } = parseUrl(url);
  const there = protocols.filter(
    ({ name = protocol, schemes }) => schemes.includes(scheme) && name === protocol,
  );
  const kinds = requestKinds(mix);
  const found = there.find(({ sends }) => kinds.every((kind) => sends.includes(kind)));
  if (found !== undefined) return found;
  throw new FaultlineError(
    "UNSUPPORTED_PROTOCOL",
    there.length > 0
      ? `no protocol sends requests of ${kinds.join(" and ")} to load.target "${url}"`
      : `load.target "${url}" ${otherThan(protocols)}`,
  );
}

function otherThan(protocols: readonly Protocol[]): string {
  const known = [...new Set(protocols.flatMap(({ schemes }) => schemes.map((one) => `${one}//`)))];
  return known.length === 2 ? `is neither ${known.join(" nor ")}` : `is none of ${known.join(", ")}`;
}

function parseUrl(text: string): URL {
  try {
    return new URL(text);
  } catch (error) {
    throw new FaultlineError("SCENARIO_INVALID", `load.target "${text}" is not a URL`, { cause: error });
  }
}
