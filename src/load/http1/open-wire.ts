import { isIP } from "node:net";
import autocannon from "autocannon";
import type { LoadPlan } from "../../plan/load-plan.js";
import type { PlannedRequest } from "../../requests/planned-request.js";
import { bareHost } from "../../support/address.js";
import { lookupHost } from "../../support/lookup-host.js";
import { DigestLogins } from "../authentication/digest-logins.js";
import type { ChannelOwner } from "../channel.js";
import { asHttpRequest } from "../http/judged-request.js";
import { capturedPaths } from "../http/leading-value.js";
import { surroundingsOf } from "../http/request-parts.js";
import type { Values } from "../mix/values.js";
import type { OpenWire, Wire } from "../protocol.js";
import type { MakeSessions, UserSessions } from "../sessions/user-sessions.js";
import { connectionsOf, type Share, shareOf } from "../share.js";
import { RoundTrip } from "../sockets/round-trip.js";
import { TraceIds } from "../tracing/trace-ids.js";
import type { AutocannonClient } from "./connection/autocannon-client.js";
import { HttpConnection } from "./connection/http-connection.js";
import { DigestRequest } from "./requests/digest-request.js";
import type { BuildRequest, RequestText } from "./requests/request-bytes.js";
import { SendableRequest } from "./requests/sendable-request.js";
import { TraceLine } from "./requests/trace-line.js";

/** autocannon ends its run by itself after this long. No run of ours lasts 20 days. */
const RUN_S = 20 * 24 * 3600;

/** Starts one plain autocannon in this thread and takes over its clients. */
export function openHttp1(makeSessions: MakeSessions): OpenWire {
  return (plan, share, owner) => openWire(plan, share, owner, makeSessions);
}

function openWire(plan: LoadPlan, share: Share, owner: ChannelOwner, makeSessions: MakeSessions): Wire {
  const clients: AutocannonClient[] = [];
  const channels: HttpConnection[] = [];
  const settings = {
    verifyTls: plan.target.tls?.verify ?? true,
    keepAlive: plan.keepAlive,
    pipelining: plan.pipelining,
    roundTrip: new RoundTrip(),
  };
  autocannon({
    url: plan.target.url,
    connections: shareOf(connectionsOf(plan.model), share),
    duration: RUN_S,
    ...(plan.target.socketPath === null ? {} : { socketPath: plan.target.socketPath }),
    ...tlsOptions(plan),
    setupClient: (client) => {
      clients.push(client);
      channels.push(new HttpConnection(client, channels.length, owner, settings));
    },
  });
  const [first] = clients;
  if (first === undefined) throw new Error("autocannon made no clients");
  const build: BuildRequest = (request) => first.requestIterator.requestBuilder(request, {});
  const sessions = makeSessions<RequestText>(plan);
  const logins = new DigestLogins();
  return { channels, compile: (steps, values) => compileSteps(plan, steps, values, build, sessions, logins) };
}

function compileSteps(
  { target, keepAlive, tracing, seed }: LoadPlan,
  steps: readonly PlannedRequest[],
  values: Values,
  build: BuildRequest,
  sessions: UserSessions<RequestText> | null,
  logins: DigestLogins,
): readonly SendableRequest[] {
  const requests = steps.map(asHttpRequest);
  const paths = capturedPaths(requests);
  const surroundings = surroundingsOf(target, keepAlive);
  const traceLine = tracing ? new TraceLine(new TraceIds(tracing, seed)) : null;
  return requests.map((request) => {
    const of = [request, surroundings, values, build, paths, traceLine, sessions] as const;
    return request.digest
      ? new DigestRequest(request.digest, logins, values, ...of)
      : new SendableRequest(...of);
  });
}

/** autocannon itself switches verification off. `Connection` verifies from what the handshake found. */
function tlsOptions({ target: { url, socketPath, tls } }: LoadPlan): object {
  if (tls === null) return {};
  const { ca, cert, key } = tls;
  const given = Object.entries({ ca, cert, key }).filter(([, value]) => value !== null);
  const host = bareHost(new URL(url).hostname);
  const servername = tls.servername ?? (isIP(host) === 0 ? host : null);
  return {
    ...(tls.servername === null ? {} : { servername }),
    tlsOptions: {
      ...Object.fromEntries(given),
      lookup: lookupHost,
      // autocannon gives neither for a unix socket: the certificate would be compared with "localhost".
      ...(socketPath === null ? {} : { host }),
      ...(servername === null ? {} : { servername }),
    },
  };
}
