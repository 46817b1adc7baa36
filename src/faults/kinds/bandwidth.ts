import { bandwidthText } from "../../quantities/schema.js";
import { faultKind } from "../fault-kind.js";
import { bandwidthAxis } from "../search-axis.js";
import { describeToxics, exactBytes, TOXIPROXY, toxicAction, toxicSlots } from "../toxic.js";

export const bandwidth = faultKind({
  name: "bandwidth",
  driver: TOXIPROXY,
  keys: {
    bandwidth: bandwidthText()
      .meta({
        description: "Limits the speed of each connection. 1KB is 1,000 bytes.",
        samples: ["100KB/s"],
      })
      .optional(),
  },
  modifiers: ["stream", "toxicity"],
  search: [
    bandwidthAxis({
      key: "bandwidth",
      sample: "10MB/s..10KB/s",
      attribute: "rate",
      label: "bandwidth rate",
      action: (at, kbPerS) => toxicAction("bandwidth", at, "bandwidth", { rate: kbPerS }),
    }),
  ],
  slots: (_, stream) => toxicSlots("bandwidth", stream),
  actions: ({ bandwidth }, at) =>
    bandwidth ? [toxicAction("bandwidth", at, "bandwidth", { rate: bandwidth.kbPerS })] : [],
  describe: describeToxics(({ value, way }) => `at most ${exactBytes(value("rate") * 1000)}/s${way}`),
});
