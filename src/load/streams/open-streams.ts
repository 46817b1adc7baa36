import type { LoadPlan } from "../../plan/load-plan.js";
import type { ChannelOwner } from "../channel.js";
import { connectionsOf, type Share, shareOf } from "../share.js";
import { RoundTrip } from "../sockets/round-trip.js";
import { ASSUMED_STREAMS, StreamChannel } from "./stream-channel.js";

/** This thread's share of the places for connections of HTTP/2, all of them closed. */
export function openStreams(plan: LoadPlan, share: Share, owner: ChannelOwner): readonly StreamChannel[] {
  const settings = {
    target: plan.target,
    roundTrip: new RoundTrip(),
    streams: plan.pipelining,
    keepAlive: plan.keepAlive,
    learned: { mostStreams: ASSUMED_STREAMS },
  };
  const count = shareOf(connectionsOf(plan.model), share);
  return Array.from({ length: count }, (_, index) => new StreamChannel(index, owner, settings));
}
