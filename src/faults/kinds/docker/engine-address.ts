import type { Address } from "../../../support/address.js";
import { parseAddress } from "../../../support/hosts.js";

/** Where an engine listens. */
export type EngineAddress =
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "tcp"; readonly address: Address; readonly isTls: boolean };

/** Without one in the scenario and in DOCKER_HOST. */
export const USUAL_ENGINE = "unix:///var/run/docker.sock";

/** The port of an engine that is named without one, as Docker's own client has it. */
const PORTS = { plain: 2375, tls: 2376 } as const;

/**
 * Reads what DOCKER_HOST may hold: unix:///path, tcp://host:port, http:// and https://.
 * @param hasCerts whether tcp:// means TLS.
 * @returns null for anything else, ssh:// and npipe:// among it.
 */
export function parseEngineAddress(text: string, hasCerts = false): EngineAddress | null {
  const [, scheme, rest] = /^(unix|tcp|https?):\/\/(.*)$/.exec(text) ?? [];
  if (scheme === undefined || rest === undefined) return null;
  if (scheme === "unix") return /^\/[^\0]+$/.test(rest) ? { kind: "unix", path: rest } : null;
  const isTls = scheme === "https" || (scheme === "tcp" && hasCerts);
  const place = rest.replace(/\/$/, "");
  const address = parseAddress(/:\d+$/.test(place) ? place : `${place}:${isTls ? PORTS.tls : PORTS.plain}`);
  return address && address.port > 0 ? { kind: "tcp", address, isTls } : null;
}

/** What can be done about an address that is not understood. */
export function engineAddressHelp(text: string): string {
  if (text.startsWith("ssh://"))
    return "ssh:// is not spoken. Forward the socket: ssh -nNT -L /tmp/docker.sock:/var/run/docker.sock USER@HOST, and name unix:///tmp/docker.sock.";
  return `For example ${USUAL_ENGINE}, or tcp://127.0.0.1:2376 with DOCKER_CERT_PATH and DOCKER_TLS_VERIFY in the environment.`;
}
