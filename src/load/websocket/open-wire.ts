import type { LoadPlan } from "../../plan/load-plan.js";
import type { PlannedRequest } from "../../requests/planned-request.js";
import { isWebSocketRequest, type WebSocketRequest } from "../../requests/websocket/websocket-request.js";
import { DigestLogins } from "../authentication/digest-logins.js";
import type { OpenWire } from "../protocol.js";
import type { MakeSessions } from "../sessions/user-sessions.js";
import { connectionsOf, shareOf } from "../share.js";
import { RoundTrip } from "../sockets/round-trip.js";
import { LingeringConnections } from "./connection/lingering-connections.js";
import { MessageExchange } from "./exchange.js";
import { InnerOwner, MixedChannel } from "./mixed-channel.js";
import { asHttp, type OpeningText } from "./opening-request.js";
import { WebSocketChannel } from "./websocket-channel.js";

/** How long servers have to answer the last Close frames when the load is over. */
const LEAVE_MS = 1_000;

/** This thread's share of the places for exchanges, with no connection yet. */
export function openWebSocket(makeSessions: MakeSessions): OpenWire {
  return (plan: LoadPlan, share, owner) => {
    const lingering = new LingeringConnections();
    const settings = { target: plan.target, roundTrip: new RoundTrip(), lingering, traffic: owner };
    const openings = {
      sessions: makeSessions<OpeningText>(plan, asHttp(plan.target.url)),
      logins: new DigestLogins(),
    };
    const count = shareOf(connectionsOf(plan.model), share);
    const channels = Array.from(
      { length: count },
      (_, index) => new WebSocketChannel(index, owner, settings),
    );
    return {
      channels,
      compile: (steps, values) =>
        steps.map((step) => new MessageExchange(asWebSocket(step), plan.target, values, openings)),
      leave: async () => {
        lingering.unbound();
        for (const channel of channels) channel.leave();
        await lingering.gone(LEAVE_MS);
      },
    };
  };
}

/** The same beside requests of HTTP: each place has a connection for those, too. */
export function openBesideHttp(openHttp: OpenWire, openExchanges: OpenWire): OpenWire {
  return (plan, share, owner) => {
    const channels: MixedChannel[] = [];
    const inner = new InnerOwner(owner, channels);
    const http = openHttp(plan, share, inner);
    const exchanges = openExchanges(plan, share, inner);
    for (const [index, channel] of http.channels.entries()) {
      channels.push(new MixedChannel(index, channel, exchanges.channels[index]!));
    }
    return {
      channels,
      compile: (steps, values) => {
        const [ofHttp, ofExchanges] = [http, exchanges].map((wire, nth) => {
          const own = steps.filter((step) => isWebSocketRequest(step) === (nth === 1));
          const compiled = wire.compile(own, values);
          return new Map(own.map((step, index) => [step, compiled[index]!] as const));
        });
        return steps.map((step) => ofHttp!.get(step) ?? ofExchanges!.get(step)!);
      },
      leave: async () => {
        await exchanges.leave?.();
      },
    };
  };
}

function asWebSocket(request: PlannedRequest): WebSocketRequest {
  if (isWebSocketRequest(request)) return request;
  throw new Error(`"${request.name}" is a request of ${request.kind}, and no exchange of messages`);
}
