import { requestKind } from "../request-kind.js";
import { websocketComplaints, websocketHeaderComplaints } from "./complaints.js";
import { websocketKeys } from "./keys.js";
import { planWebSocketRequest } from "./plan-request.js";
import { WEBSOCKET_REQUEST, type WebSocketRequest } from "./websocket-request.js";

/** Exchanges of messages over WebSocket (RFC 6455). */
export const websocketRequests = requestKind({
  name: WEBSOCKET_REQUEST,
  key: "websocket",
  schemes: [
    { name: "ws", isTls: false },
    { name: "wss", isTls: true },
    { name: "http", isTls: false },
    { name: "https", isTls: true },
  ],
  keys: websocketKeys,
  stepKeys: {},
  varying: ["websocket", "auth"],
  textMaps: ["headers", "basic", "digest"],
  verbatim: ["json"],
  without: ["protocol", "streams", "keepAlive", "pipelining", "tracing"],
  needsHttp1: true,
  conversation: ["websocket", "messages"],
  usualName: (textAt) => {
    const path = textAt(["websocket", "path"], "/");
    return path === null ? null : `WS ${path}`;
  },
  ofTarget: (path) => ({ websocket: { path, connection: "new" as const, messages: [] } }),
  check: websocketComplaints,
  checkHeaders: websocketHeaderComplaints,
  plan: planWebSocketRequest,
  describe: ({ path }: WebSocketRequest) => `WS ${path}`,
});
