import type { LoadTarget } from "../../plan/load-plan.js";
import { HTTP_REQUEST } from "../../requests/http/http-request.js";
import { refusesHttp2 } from "../http/version-probe.js";
import type { Mismatch, Protocol } from "../protocol.js";
import { checkTargetHost } from "../target-check.js";

/** HTTP/2 over TLS, where the handshake agrees on it, and over TCP or a unix socket with prior knowledge. */
export const http2: Protocol = {
  name: "h2",
  sends: [HTTP_REQUEST],
  schemes: ["http:", "https:"],
  carriesTraceIds: true,
  check: ({ target }) => checkTargetHost(target),
  mismatch: async (target) => ((await refusesHttp2(target)) ? mismatchOf(target) : null),
  load: async (plan) => {
    const [{ openHttp2 }, { loadSessions }] = await Promise.all([
      import("./open-wire.js"),
      import("../sessions/user-sessions.js"),
    ]);
    return openHttp2(await loadSessions(plan));
  },
};

function mismatchOf({ tls }: LoadTarget): Mismatch {
  const what = tls === null ? "speaks no HTTP/2" : "does not agree on HTTP/2 in the TLS handshake";
  return {
    problem: `${what}, and the load is HTTP/2`,
    remedy:
      "Take protocol: h2 away to send HTTP/1.1, or let the service speak HTTP/2. No request would get an answer.",
  };
}
