import { duration } from "../../quantities/schema.js";
import { faultKind } from "../fault-kind.js";
import { describeToxics, TOXIPROXY, toxicAction, toxicSlots, whole } from "../toxic.js";

export const reset = faultKind({
  name: "reset",
  driver: TOXIPROXY,
  cutsOff: true,
  keys: {
    reset: duration()
      .meta({
        description:
          "Resets both sides of a connection (TCP RST) this long after data (or a close) first comes through it; 0ms: at once.",
        samples: ["0ms"],
      })
      .optional(),
  },
  modifiers: ["stream", "toxicity"],
  slots: (_, stream) => toxicSlots("reset_peer", stream),
  actions: ({ reset }, at) =>
    reset ? [toxicAction("reset", at, "reset_peer", { timeout: whole(reset.ms) })] : [],
  describe: describeToxics(
    ({ value, ms }) => `connections reset${value("timeout") > 0 ? ` after ${ms("timeout")}` : ""}`,
  ),
});
