import { servePlaces } from "../serve-places.js";
import type { GatewayOptions, RequestGateway } from "./gateway.js";
import type { GatewayPlace, GatewayQuestions, GatewaysStart } from "./gateway-messages.js";

const LISTEN = { host: "127.0.0.1", port: 0 };

/** What a thread does that holds all gateways of one kind of a run. */
export function serveGateways<Spec>(
  open: (options: GatewayOptions) => Promise<RequestGateway<Spec>>,
): Promise<void> {
  return servePlaces<GatewayPlace, GatewaysStart, RequestGateway<Spec>, GatewayQuestions<Spec>>({
    // Each draws numbers of its own.
    open: ({ upstream }, at, { seed }) => open({ listen: LISTEN, upstream, seed: seed + at }),
    answer(question, proxy, gateway) {
      switch (question.ask) {
        case "setRules":
          return gateway.setRules(question.about[proxy] ?? []);
        case "seen":
          return gateway.seen;
        case "counters":
          return gateway.counters;
        case "takeDials":
          return gateway.takeDials();
        case "takeTraffic":
          return gateway.takeTraffic();
      }
    },
  });
}
