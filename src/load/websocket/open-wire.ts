import type { LoadPlan } from "../../plan/load-plan.js";
import type { PlannedRequest } from "../../requests/planned-request.js";
import { isWebSocketRequest, type WebSocketRequest } from "../../requests/websocket/websocket-request.js";
import type { OpenWire } from "../protocol.js";
import { connectionsOf, shareOf } from "../share.js";
import { RoundTrip } from "../sockets/round-trip.js";
import { LingeringConnections } from "./connection/lingering-connections.js";
import { MessageExchange } from "./exchange.js";
import { InnerOwner, MixedChannel } from "./mixed-channel.js";
import { WebSocketChannel } from "./websocket-channel.js";

/** This thread's share of the places for exchanges, with no connection yet. */
export const openWebSocket: OpenWire = (plan: LoadPlan, share, owner) => {
  const settings = {
    target: plan.target,
    roundTrip: new RoundTrip(),
    lingering: new LingeringConnections(),
    traffic: owner,
  };
  const count = shareOf(connectionsOf(plan.model), share);
  return {
    channels: Array.from({ length: count }, (_, index) => new WebSocketChannel(index, owner, settings)),
    compile: (steps, values) =>
      steps.map((step) => new MessageExchange(asWebSocket(step), plan.target, values)),
  };
};

/** The same beside requests of HTTP: each place has a connection for those, too. */
export function openBesideHttp(openHttp: OpenWire): OpenWire {
  return (plan, share, owner) => {
    const channels: MixedChannel[] = [];
    const inner = new InnerOwner(owner, channels);
    const [http, exchanges] = [openHttp, openWebSocket].map((open) => open(plan, share, inner));
    for (const [index, channel] of http!.channels.entries()) {
      channels.push(new MixedChannel(index, channel, exchanges!.channels[index]!));
    }
    return {
      channels,
      compile: (steps, values) => {
        const [ofHttp, ofExchanges] = [http!, exchanges!].map((wire, nth) => {
          const own = steps.filter((step) => isWebSocketRequest(step) === (nth === 1));
          const compiled = wire.compile(own, values);
          return new Map(own.map((step, index) => [step, compiled[index]!] as const));
        });
        return steps.map((step) => ofHttp!.get(step) ?? ofExchanges!.get(step)!);
      },
    };
  };
}

function asWebSocket(request: PlannedRequest): WebSocketRequest {
  if (isWebSocketRequest(request)) return request;
  throw new Error(`"${request.name}" is a request of ${request.kind}, and no exchange of messages`);
}
