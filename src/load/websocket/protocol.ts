import { HTTP_REQUEST } from "../../requests/http/http-request.js";
import { WEBSOCKET_REQUEST } from "../../requests/websocket/websocket-request.js";
import type { Protocol } from "../protocol.js";
import { checkTargetHost } from "../target-check.js";

/** Exchanges of messages over WebSocket (RFC 6455), over TCP, TLS or a unix socket. */
export const websocket: Protocol = {
  sends: [WEBSOCKET_REQUEST],
  schemes: ["ws:", "wss:"],
  check: ({ target }) => checkTargetHost(target),
  load: async (plan) => {
    const [{ openWebSocket }, { loadSessions }] = await wire();
    return openWebSocket(await loadSessions(plan));
  },
};

/** The same beside requests of HTTP, as a page of a site makes them. `http`: who sends those. */
export function websocketBeside(http: Protocol): Protocol {
  return {
    sends: [WEBSOCKET_REQUEST, HTTP_REQUEST],
    schemes: ["http:", "https:"],
    check: ({ target }) => checkTargetHost(target),
    load: async (plan) => {
      const [{ openBesideHttp, openWebSocket }, { loadSessions }] = await wire();
      const makeSessions = await loadSessions(plan);
      return openBesideHttp(await http.load(plan, makeSessions), openWebSocket(makeSessions));
    },
  };
}

const wire = () => Promise.all([import("./open-wire.js"), import("../sessions/user-sessions.js")]);
