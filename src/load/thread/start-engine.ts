import { requestNames } from "../../plan/load-mix.js";
import type { LoadPlan } from "../../plan/load-plan.js";
import type { ChannelOwner } from "../channel.js";
import { IdWriter } from "../ids/id-writer.js";
import { CompiledMix } from "../mix/compiled-mix.js";
import { Logins } from "../mix/logins.js";
import { Values } from "../mix/values.js";
import { VirtualUsers } from "../mix/virtual-users.js";
import type { OpenWire, Wire } from "../protocol.js";
import { Arrivals } from "../schedule/arrivals.js";
import { ChannelPool } from "../schedule/channel-pool.js";
import { ClosedModel } from "../schedule/closed-model.js";
import type { Dispatcher, ModelDriver } from "../schedule/model-driver.js";
import { OpenModel } from "../schedule/open-model.js";
import type { Share } from "../share.js";
import type { FromThread, ThreadStart } from "../thread-messages.js";
import { RequestTraces } from "../tracing/request-traces.js";
import { TraceIds } from "../tracing/trace-ids.js";
import { Engine } from "./engine.js";
import { scheduleStream } from "./schedule-stream.js";

/** Makes the load of one thread, over a wire of the target's protocol. @throws SCENARIO_INVALID. */
export function startEngine(
  { plan, thread, threads }: ThreadStart,
  openWire: OpenWire,
  report: (message: FromThread) => void,
): Engine {
  const share = { thread, threads };
  const ids = openIds(plan, share, report);
  const tell = (message: FromThread) => {
    // Who hears that a segment has settled may read its ids.
    if (message.kind === "drained") ids?.flush();
    report(message);
  };
  const traces = plan.tracing ? new RequestTraces(new TraceIds(plan.tracing, plan.seed), share) : null;
  const open = (owner: ChannelOwner) => openWire(plan, share, owner);
  const logins = plan.mix.login === undefined ? null : new Logins(plan.mix.login, plan.timeoutMs);
  return new Engine(plan, tell, ids, traces, logins, open, (wire, dispatcher) => {
    const values = new Values(plan.feeds, scheduleStream(plan, "values", share.thread), share);
    const mix = new CompiledMix(plan.mix, (steps) => wire.compile(steps, values));
    return makeModel(plan, share, mix, logins, wire, dispatcher);
  });
}

function openIds(plan: LoadPlan, share: Share, report: (message: FromThread) => void): IdWriter | null {
  if (plan.ids === undefined) return null;
  return new IdWriter({
    ...plan.ids,
    thread: share.thread,
    names: requestNames(plan.mix),
    values: new Values(plan.feeds, scheduleStream(plan, "values", share.thread), share),
    onLost: (reason) => report({ kind: "ids_lost", reason }),
  });
}

function makeModel(
  plan: LoadPlan,
  share: Share,
  mix: CompiledMix,
  logins: Logins | null,
  { channels, fillsChannels = false }: Wire,
  dispatcher: Dispatcher,
): ModelDriver {
  if (plan.model.kind === "open") {
    const { profile, arrivals } = plan.model;
    // All threads draw the same arrivals and the same mix and take their share of them.
    const schedule = new Arrivals(profile, arrivals, scheduleStream(plan, "arrivals"));
    const users = new VirtualUsers(mix, scheduleStream(plan, "mix"), logins);
    const pool = new ChannelPool(channels, fillsChannels);
    return new OpenModel(schedule, share, users, pool, dispatcher, plan.timeoutMs);
  }
  const { profile, thinkTimeMs } = plan.model;
  const users = new VirtualUsers(mix, scheduleStream(plan, "mix", share.thread), logins);
  return new ClosedModel(profile, thinkTimeMs, share, users, channels, dispatcher, plan.pipelining);
}
