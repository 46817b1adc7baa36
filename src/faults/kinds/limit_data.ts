import { size } from "../../quantities/schema.js";
import { faultKind } from "../fault-kind.js";
import { sizeAxis } from "../search-axis.js";
import { describeToxics, TOXIPROXY, toxicAction, toxicSlots } from "../toxic.js";

export const limitData = faultKind({
  name: "limit_data",
  driver: TOXIPROXY,
  cutsOff: true,
  keys: {
    limit_data: size()
      .meta({ description: "Closes each connection after this much data.", samples: ["10KB"] })
      .optional(),
  },
  modifiers: ["stream", "toxicity"],
  search: [
    sizeAxis({
      key: "limit_data",
      sample: "1MB..1KB",
      attribute: "bytes",
      label: "limit_data bytes",
      action: (at, bytes) => toxicAction("limit_data", at, "limit_data", { bytes }),
    }),
  ],
  slots: (_, stream) => toxicSlots("limit_data", stream),
  actions: ({ limit_data }, at) =>
    limit_data ? [toxicAction("limit_data", at, "limit_data", { bytes: limit_data.bytes })] : [],
  describe: describeToxics(({ bytes, way }) => `closed after ${bytes("bytes")}${way}`),
});
