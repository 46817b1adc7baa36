import { duration } from "../../quantities/schema.js";
import { faultKind } from "../fault-kind.js";
import { durationAxis } from "../search-axis.js";
import { describeToxics, TOXIPROXY, toxicAction, toxicSlots, whole } from "../toxic.js";

export const slowClose = faultKind({
  name: "slow_close",
  driver: TOXIPROXY,
  keys: {
    slow_close: duration()
      .meta({ description: "Connections close this much later.", samples: ["2s"] })
      .optional(),
  },
  modifiers: ["stream", "toxicity"],
  search: [
    durationAxis({
      key: "slow_close",
      sample: "0ms..5s",
      attribute: "delay",
      label: "slow_close delay",
      action: (at, ms) => toxicAction("slow_close", at, "slow_close", { delay: ms }),
    }),
  ],
  slots: (_, stream) => toxicSlots("slow_close", stream),
  actions: ({ slow_close }, at) =>
    slow_close ? [toxicAction("slow_close", at, "slow_close", { delay: whole(slow_close.ms) })] : [],
  describe: describeToxics(({ ms, way }) => `closes ${ms("delay")} late${way}`),
});
