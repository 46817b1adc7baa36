import type { LoadPlan } from "../../../plan/load-plan.js";
import type { PlannedRequest } from "../../../requests/planned-request.js";
import type { DigestLogins } from "../../authentication/digest-logins.js";
import { asHttpRequest } from "../../http/judged-request.js";
import { capturedPaths } from "../../http/leading-value.js";
import { surroundingsOf } from "../../http/request-parts.js";
import type { Values } from "../../mix/values.js";
import { sessionsOfNothing, type UserSessions } from "../../sessions/user-sessions.js";
import { TraceIds } from "../../tracing/trace-ids.js";
import { Http2DigestRequest } from "./http2-digest-request.js";
import { Http2Request } from "./http2-request.js";
import type { Http2Text } from "./session-head.js";
import { TraceField } from "./trace-field.js";

/** Compiles what one virtual user does. @throws SCENARIO_INVALID for what cannot be sent. */
export function compileHttp2(
  { target, keepAlive, tracing, seed }: LoadPlan,
  steps: readonly PlannedRequest[],
  values: Values,
  sessions: UserSessions<Http2Text> | null,
  logins: DigestLogins,
): readonly Http2Request[] {
  const requests = steps.map(asHttpRequest);
  const paths = capturedPaths(requests);
  const surroundings = surroundingsOf(target, keepAlive);
  const trace = tracing ? new TraceField(new TraceIds(tracing, seed)) : null;
  return requests.map((request) => {
    const { digest } = request;
    const own = sessions ?? (digest === undefined ? null : sessionsOfNothing<Http2Text>(target.url));
    const of = [request, surroundings, values, paths, trace, own] as const;
    return digest === undefined
      ? new Http2Request(...of)
      : new Http2DigestRequest(digest, logins, values, ...of);
  });
}
