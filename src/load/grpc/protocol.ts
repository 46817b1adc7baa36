import { requestsOf } from "../../plan/load-mix.js";
import { GRPC_REQUEST, isAskedCall } from "../../requests/grpc/grpc-request.js";
import { HTTP_REQUEST } from "../../requests/http/http-request.js";
import { refusesHttp2 } from "../http/version-probe.js";
import type { Mismatch, Protocol } from "../protocol.js";
import { checkTargetHost } from "../target-check.js";

/** Calls of gRPC, and requests of HTTP beside them, on streams of HTTP/2: over TCP, TLS or a unix socket. */
export const grpc: Protocol = {
  sends: [GRPC_REQUEST, HTTP_REQUEST],
  schemes: ["http:", "https:"],
  carriesTraceIds: true,
  complete: async (plan, options) => {
    if (!requestsOf(plan.mix).some(isAskedCall)) return plan;
    return (await import("./reflection/complete-calls.js")).completeCalls(plan, options);
  },
  check: ({ target }) => checkTargetHost(target),
  mismatch: async (target) => ((await refusesHttp2(target)) ? NO_HTTP2 : null),
  load: async (plan) => {
    const [{ openGrpc }, { loadSessions }] = await Promise.all([
      import("./open-wire.js"),
      import("../sessions/user-sessions.js"),
    ]);
    return openGrpc(await loadSessions(plan));
  },
};

const NO_HTTP2: Mismatch = {
  problem: "speaks no HTTP/2, and calls of gRPC go over it",
  remedy:
    "Give the address where the service takes calls of gRPC: https:// where it wants TLS. No call would get an answer.",
};
