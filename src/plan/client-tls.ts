import type { PemFiles } from "../scenario/read/named-files.js";
import type { TlsInput } from "../scenario/schema/tls.js";
import type { ClientTls } from "../support/outside/bounded-request.js";

/** What a scenario says of TLS to a server, with its files. @returns null when it says nothing. */
export function buildTls(
  written: TlsInput | undefined,
  files: PemFiles | null | undefined,
): ClientTls | null {
  if (written === undefined) return null;
  const { servername = null, verify } = written;
  return { ca: null, cert: null, key: null, ...files, servername, verify };
}
