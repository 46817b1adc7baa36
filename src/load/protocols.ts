import { FaultlineError } from "../support/errors.js";
import { http1 } from "./http1/protocol.js";
import type { Protocol } from "./protocol.js";

export const PROTOCOLS: readonly Protocol[] = [http1];

/** @throws FaultlineError SCENARIO_INVALID: it is no URL; UNSUPPORTED_PROTOCOL: no protocol has its scheme. */
export function protocolFor(targetUrl: string, protocols: readonly Protocol[]): Protocol {
  const { protocol: scheme } = parseUrl(targetUrl);
  const found = protocols.find(({ schemes }) => schemes.includes(scheme));
  if (found !== undefined) return found;
  const known = protocols.flatMap(({ schemes }) => schemes.map((one) => `${one}//`));
  const is = known.length === 2 ? `is neither ${known.join(" nor ")}` : `is none of ${known.join(", ")}`;
  throw new FaultlineError(
    "UNSUPPORTED_PROTOCOL",
    `load.target "${targetUrl}" ${is}; HTTP/2 and gRPC are not supported`,
  );
}

function parseUrl(text: string): URL {
  try {
    return new URL(text);
  } catch (error) {
    throw new FaultlineError("SCENARIO_INVALID", `load.target "${text}" is not a URL`, { cause: error });
  }
}
