import { HTTP_REQUEST } from "../../requests/http/http-request.js";
import { speaksOnlyHttp2 } from "../http/version-probe.js";
import type { Mismatch, Protocol } from "../protocol.js";
import { checkTargetHost } from "../target-check.js";

/** HTTP/1.1 over TCP, TLS or a unix socket, by autocannon's clients. */
export const http1: Protocol = {
  name: "http1",
  sends: [HTTP_REQUEST],
  schemes: ["http:", "https:"],
  carriesTraceIds: true,
  check: ({ target }) => checkTargetHost(target),
  mismatch: async (target) => ((await speaksOnlyHttp2(target)) ? HTTP2_ALONE : null),
  load: async (plan, makeSessions) => {
    const [{ openHttp1 }, { loadSessions }] = await Promise.all([
      import("./open-wire.js"),
      import("../sessions/user-sessions.js"),
    ]);
    return openHttp1(makeSessions ?? (await loadSessions(plan)));
  },
};

const HTTP2_ALONE: Mismatch = {
  problem: "speaks HTTP/2 alone, and the load is HTTP/1.1",
  remedy:
    "Write protocol: h2 under load:, or let the service accept HTTP/1.1 as well. Each request would end as a timeout or a reset.",
};
