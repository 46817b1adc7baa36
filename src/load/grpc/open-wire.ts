import type protobuf from "protobufjs";
import type { LoadPlan } from "../../plan/load-plan.js";
import { type GrpcRequest, isGrpcRequest } from "../../requests/grpc/grpc-request.js";
import { typesOf } from "../../requests/grpc/proto/types-of.js";
import type { PlannedRequest } from "../../requests/planned-request.js";
import { DigestLogins } from "../authentication/digest-logins.js";
import type { Values } from "../mix/values.js";
import type { OpenWire } from "../protocol.js";
import type { MakeSessions, UserSessions } from "../sessions/user-sessions.js";
import { openStreams } from "../streams/open-streams.js";
import { compileHttp2 } from "../streams/requests/compile-http2.js";
import type { Http2Text } from "../streams/requests/session-head.js";
import { TraceField } from "../streams/requests/trace-field.js";
import type { StreamRequest } from "../streams/stream-request.js";
import { TraceIds } from "../tracing/trace-ids.js";
import { GrpcCall } from "./grpc-call.js";

/** Makes calls, and sends requests of HTTP beside them, on this thread's connections of HTTP/2. */
export function openGrpc(makeSessions: MakeSessions): OpenWire {
  return (plan, share, owner) => {
    const roots = new Map<string, protobuf.Root>();
    const sessions = makeSessions<Http2Text>(plan);
    const logins = new DigestLogins();
    return {
      channels: openStreams(plan, share, owner),
      fillsChannels: true,
      compile: (steps, values) => compileSteps(plan, steps, values, roots, sessions, logins),
    };
  };
}

function compileSteps(
  plan: LoadPlan,
  steps: readonly PlannedRequest[],
  values: Values,
  roots: Map<string, protobuf.Root>,
  sessions: UserSessions<Http2Text> | null,
  logins: DigestLogins,
): readonly StreamRequest[] {
  const { protocol, host, pathname } = new URL(plan.target.url);
  const captured = steps.filter(isGrpcRequest).flatMap((call) => call.captured);
  const surroundings = {
    scheme: protocol.replace(":", ""),
    authority: host,
    basePath: pathname.replace(/\/$/, ""),
    trace: plan.tracing ? new TraceField(new TraceIds(plan.tracing, plan.seed)) : null,
    wantedOf: (capture: string) =>
      captured.filter((one) => one.capture === capture).map(({ wanted }) => wanted),
  };
  const others = steps.filter((step) => !isGrpcRequest(step));
  const compiled = new Map(
    compileHttp2(plan, others, values, sessions, logins).map(
      (request, index) => [others[index], request] as const,
    ),
  );
  return steps.map((step) => {
    if (isGrpcRequest(step)) return new GrpcCall(step, rootOf(step.protos, roots), surroundings, values);
    const request = compiled.get(step);
    if (request === undefined) throw new Error(`"${step.name}" was not compiled`);
    return request;
  });
}

/** Calls of the same files share their types. */
function rootOf(protos: GrpcRequest["protos"], roots: Map<string, protobuf.Root>): protobuf.Root {
  const key =
    "descriptors" in protos ? `service ${protos.service}` : protos.files.map(({ path }) => path).join("\n");
  const known = roots.get(key);
  if (known !== undefined) return known;
  const root = typesOf(protos);
  roots.set(key, root);
  return root;
}
