import { isIP } from "node:net";
import type { LoadTarget } from "../../plan/load-plan.js";
import { HTTP_REQUEST } from "../../requests/http/http-request.js";
import { addressOf } from "../../support/address.js";
import { speaksOnlyHttp2 } from "../http/version-probe.js";
import type { Mismatch, Protocol } from "../protocol.js";
import { checkTargetHost } from "../target-check.js";

/** HTTP/1.1 over TCP, TLS or a unix socket, by autocannon's clients. */
export const http1: Protocol = {
  sends: [HTTP_REQUEST],
  schemes: ["http:", "https:"],
  carriesTraceIds: true,
  check: ({ target }) => checkTargetHost(target),
  mismatch: async (target) => ((await isHttp2Alone(target)) ? HTTP2_ALONE : null),
  load: async () => (await import("./open-wire.js")).openHttp1,
};

const HTTP2_ALONE: Mismatch = {
  problem: "speaks HTTP/2 alone, and the load is HTTP/1.1",
  remedy:
    "Let the service accept HTTP/1.1 as well, or put something before it that does, such as NGINX. Each request would end as a timeout or a reset.",
};

function isHttp2Alone({ url, socketPath, tls }: LoadTarget): Promise<boolean> {
  const address = addressOf(new URL(url));
  // As the load sends it: a name, never an address.
  const servername = tls?.servername ?? (isIP(address.host) === 0 ? address.host : undefined);
  return speaksOnlyHttp2(socketPath === null ? address : { path: socketPath }, tls && { servername });
}
