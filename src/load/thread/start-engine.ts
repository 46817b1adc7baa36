import { isIP } from "node:net";
import autocannon from "autocannon";
import type { LoadPlan } from "../../plan/load-plan.js";
import { bareHost } from "../../support/address.js";
import { lookupHost } from "../../support/lookup-host.js";
import { seededStream } from "../../support/random.js";
import { connectionsOf, type Share, shareOf } from "../share.js";
import { Arrivals } from "../schedule/arrivals.js";
import type { AutocannonClient } from "../http1/autocannon-client.js";
import { ClosedModel } from "../schedule/closed-model.js";
import { CompiledMix } from "../mix/compiled-mix.js";
import { Connection, type ConnectionOwner } from "../http1/connection.js";
import { Engine } from "./engine.js";
import type { FromThread, ThreadStart } from "../thread-messages.js";
import type { Dispatcher, ModelDriver } from "../schedule/model-driver.js";
import { OpenModel } from "../schedule/open-model.js";
import { Values } from "../mix/values.js";
import { Visits } from "../mix/visits.js";

/** autocannon ends its run by itself after this long; no run of ours lasts 20 days. */
const RUN_S = 20 * 24 * 3600;
/** Keeps the streams of random numbers apart that come from one seed. */
const STREAM = { arrivals: 1, mix: 2, values: 3 } as const;

/** Starts one plain autocannon in this thread and takes over its clients. Throws SCENARIO_INVALID. */
export function startEngine(start: ThreadStart, report: (message: FromThread) => void): Engine {
  const { plan } = start;
  const share = { thread: start.thread, threads: start.threads };
  const clients: AutocannonClient[] = [];
  const open = (owner: ConnectionOwner) => {
    const connections: Connection[] = [];
    autocannon({
      url: plan.target.url,
      connections: shareOf(connectionsOf(plan.model), share),
      duration: RUN_S,
      ...(plan.target.socketPath === null ? {} : { socketPath: plan.target.socketPath }),
      ...tlsOptions(plan),
      setupClient: (client) => {
        clients.push(client);
        connections.push(new Connection(client, connections.length, owner));
      },
    });
    return connections;
  };
  const drive = (connections: readonly Connection[], dispatcher: Dispatcher) => {
    const [first] = clients;
    if (first === undefined) throw new Error("autocannon made no clients");
    const values = new Values(plan.feeds, stream(plan, "values", share.thread), share);
    const mix = new CompiledMix(plan, values, (request) => first.requestIterator.requestBuilder(request, {}));
    return makeModel(plan, share, mix, connections, dispatcher);
  };
  return new Engine(plan, open, drive, report);
}

function makeModel(
  plan: LoadPlan,
  share: Share,
  mix: CompiledMix,
  connections: readonly Connection[],
  dispatcher: Dispatcher,
): ModelDriver {
  if (plan.model.kind === "open") {
    const { profile, arrivals } = plan.model;
    // All threads draw the same arrivals and the same mix and take their share of them.
    const schedule = new Arrivals(profile, arrivals, stream(plan, "arrivals", 0));
    const visits = new Visits(mix, stream(plan, "mix", 0));
    return new OpenModel(schedule, share, visits, connections, dispatcher, plan.timeoutMs);
  }
  const { profile, thinkTimeMs } = plan.model;
  const visits = new Visits(mix, stream(plan, "mix", share.thread));
  return new ClosedModel(profile, thinkTimeMs, share, visits, connections, dispatcher, plan.pipelining);
}

function stream(plan: LoadPlan, name: keyof typeof STREAM, thread: number) {
  return seededStream(plan.seed, STREAM[name], thread);
}

/** autocannon itself switches verification off; `Connection` does it from what the handshake found. */
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
      // Of a unix socket autocannon tells neither: the certificate would be held against "localhost".
      ...(socketPath === null ? {} : { host }),
      ...(servername === null ? {} : { servername }),
    },
  };
}
