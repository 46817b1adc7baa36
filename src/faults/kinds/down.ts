import { z } from "zod";
import { faultKind } from "../fault-kind.js";
import { downAction, onTarget, TOXIPROXY, toxicSlots } from "../toxic.js";

export const down = faultKind({
  name: "down",
  driver: TOXIPROXY,
  cutsOff: true,
  keys: {
    down: z
      .literal(true, { error: "true (leave the key out otherwise)" })
      .meta({ description: "Connections are refused, those that are open are closed." })
      .optional(),
  },
  modifiers: [],
  alone: "refuses all connections, so nothing else can act on this proxy",
  slots: (_, stream) => toxicSlots("down", stream),
  actions: ({ down }, { target }) => (down ? [downAction("down", target)] : []),
  describe: (actions) => actions.map((action) => `connections refused${onTarget(action)}`).join(", "),
});
