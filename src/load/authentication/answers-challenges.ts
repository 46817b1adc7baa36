import { requestsOf } from "../../plan/load-mix.js";
import type { LoadMix } from "../../plan/load-plan.js";
import { isHttpRequest } from "../../requests/http/http-request.js";
import { isWebSocketRequest } from "../../requests/websocket/websocket-request.js";

/** Whether some request is sent again with the answer to a challenge. */
export function answersChallenges(mix: LoadMix): boolean {
  return requestsOf(mix).some(
    (request) => (isHttpRequest(request) || isWebSocketRequest(request)) && request.digest !== undefined,
  );
}
