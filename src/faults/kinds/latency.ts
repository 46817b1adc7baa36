import { duration } from "../../quantities/schema.js";
import { faultKind } from "../fault-kind.js";
import { durationAxis } from "../search-axis.js";
import { describeToxics, TOXIPROXY, toxicAction, toxicSlots, whole } from "../toxic.js";

export const latency = faultKind({
  name: "latency",
  driver: TOXIPROXY,
  keys: {
    latency: duration()
      .meta({ description: "Delays everything by this much.", samples: ["300ms"] })
      .optional(),
    jitter: duration()
      .meta({ description: "Makes `latency` vary by up to this much, up and down.", samples: ["50ms"] })
      .optional(),
  },
  modifiers: ["stream", "toxicity"],
  search: [
    durationAxis({
      key: "latency",
      sample: "0ms..2s",
      attribute: "latency",
      label: "latency",
      action: (at, ms) => toxicAction("latency", at, "latency", { latency: ms }),
    }),
    durationAxis({
      key: "jitter",
      sample: "0ms..500ms",
      attribute: "jitter",
      label: "latency jitter",
      action: (at, ms) => toxicAction("latency", at, "latency", { jitter: ms }),
    }),
  ],
  slots: (_, stream) => toxicSlots("latency", stream),
  check: (_, said) =>
    said.has("jitter") && said.lacks("latency")
      ? [
          {
            code: "conflict",
            path: ["jitter"],
            at: "key",
            message: "`jitter` varies `latency`, which is missing",
            help: "For variation alone give latency: 0ms as well.",
          },
        ]
      : [],
  actions: ({ latency, jitter }, at) =>
    latency
      ? [
          toxicAction("latency", at, "latency", {
            latency: whole(latency.ms),
            jitter: whole(jitter?.ms ?? 0),
          }),
        ]
      : [],
  describe: describeToxics(
    ({ value, ms, way }) =>
      `latency ${ms("latency")}${value("jitter") > 0 ? ` ± ${ms("jitter")}` : ""}${way}`,
  ),
});
