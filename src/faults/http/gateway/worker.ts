/** All gateways of a run, in a thread of their own. */
import { servePlaces } from "../../between/serve-places.js";
import { Gateway } from "./gateway.js";
import type { GatewayPlace, GatewayQuestions, GatewaysStart } from "./messages.js";

const LISTEN = { host: "127.0.0.1", port: 0 };

await servePlaces<GatewayPlace, GatewaysStart, Gateway, GatewayQuestions>({
  // Each draws numbers of its own.
  open: ({ upstream }, at, { seed }) => Gateway.open({ listen: LISTEN, upstream, seed: seed + at }),
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
