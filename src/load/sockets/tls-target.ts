import { isIP } from "node:net";
import type { LoadTarget } from "../../plan/load-plan.js";
import { bareHost } from "../../support/address.js";

/** The name that is sent to the target in the TLS handshake. @returns undefined for an address: only names are sent. */
export function servernameOf({ url, tls }: LoadTarget): string | undefined {
  const host = bareHost(new URL(url).hostname);
  return tls?.servername ?? (isIP(host) === 0 ? host : undefined);
}
