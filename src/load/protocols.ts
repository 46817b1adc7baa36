import { requestKinds } from "../plan/load-mix.js";
import type { LoadPlan } from "../plan/load-plan.js";
import { FaultlineError } from "../support/errors.js";
import { http1 } from "./http1/protocol.js";
import type { Protocol } from "./protocol.js";

export const PROTOCOLS: readonly Protocol[] = [http1];

/**
 * The first protocol that has the scheme of the plan's target and sends all of its requests.
 * @throws FaultlineError SCENARIO_INVALID: the target is no URL; UNSUPPORTED_PROTOCOL: there is no such protocol.
 */
export function protocolFor(
  { target: { url }, mix }: Pick<LoadPlan, "target" | "mix">,
  protocols: readonly Protocol[],
): Protocol {
  const { protocol: scheme } = parseUrl(url);
  const there = protocols.filter(({ schemes }) => schemes.includes(scheme));
  const kinds = requestKinds(mix);
  const found = there.find(({ sends }) => kinds.every((kind) => sends.includes(kind)));
  if (found !== undefined) return found;
  throw new FaultlineError(
    "UNSUPPORTED_PROTOCOL",
    there.length > 0
      ? `no protocol sends requests of ${kinds.join(" and ")} to load.target "${url}"`
      : `load.target "${url}" ${otherThan(protocols)}; HTTP/2 and gRPC are not supported`,
  );
}

function otherThan(protocols: readonly Protocol[]): string {
  const known = protocols.flatMap(({ schemes }) => schemes.map((one) => `${one}//`));
  return known.length === 2 ? `is neither ${known.join(" nor ")}` : `is none of ${known.join(", ")}`;
}

function parseUrl(text: string): URL {
  try {
    return new URL(text);
  } catch (error) {
    throw new FaultlineError("SCENARIO_INVALID", `load.target "${text}" is not a URL`, { cause: error });
  }
}
