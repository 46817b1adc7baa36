import type { Protocol } from "../protocol.js";
import { checkTargetHost } from "../target-check.js";

/** HTTP/1.1 over TCP, TLS or a unix socket, by autocannon's clients. */
export const http1: Protocol = {
  schemes: ["http:", "https:"],
  check: ({ target }) => checkTargetHost(target),
  load: async () => (await import("./open-wire.js")).openHttp1,
};
