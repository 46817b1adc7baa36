import { positiveDuration } from "../../quantities/schema.js";
import { faultKind } from "../fault-kind.js";
import { describeToxics, TOXIPROXY, toxicAction, toxicSlots, whole } from "../toxic.js";

export const timeout = faultKind({
  name: "timeout",
  driver: TOXIPROXY,
  cutsOff: true,
  keys: {
    timeout: positiveDuration()
      .meta({
        description: "Nothing comes through, and each connection is closed after this long.",
        samples: ["5s"],
      })
      .optional(),
  },
  modifiers: ["stream", "toxicity"],
  slots: (_, stream) => toxicSlots("timeout", stream),
  // A timeout of 0 would never close: at least 1 ms.
  actions: ({ timeout }, at) =>
    timeout ? [toxicAction("timeout", at, "timeout", { timeout: Math.max(1, whole(timeout.ms)) })] : [],
  describe: describeToxics(({ ms, way }) => `nothing passes${way}, closed after ${ms("timeout")}`),
});
