import { z } from "zod";
import type { Complaint } from "../../notation/complaint.js";
import { duration, size } from "../../quantities/schema.js";
import { faultKind } from "../fault-kind.js";
import { describeToxics, exactMs, TOXIPROXY, toxicAction, toxicSlots, whole } from "../toxic.js";

export const slicer = faultKind({
  name: "slicer",
  driver: TOXIPROXY,
  keys: {
    slicer: z
      .strictObject(
        {
          size: size().meta({ description: "Average size of a piece.", samples: ["64B"] }),
          variation: size()
            .meta({ description: "How much the size varies; less than `size`.", samples: ["16B"] })
            .optional(),
          delay: duration()
            .meta({ description: "Wait after each piece.", samples: ["10ms"] })
            .prefault("0ms"),
        },
        { error: "a map with `size`, and `variation` and `delay` if wanted" },
      )
      .meta({ description: "Cuts the data into small pieces." })
      .optional(),
  },
  modifiers: ["stream", "toxicity"],
  slots: (_, stream) => toxicSlots("slicer", stream),
  check: ({ slicer }) => {
    const { size, variation } = slicer ?? {};
    const complaints: Complaint[] = [];
    if (size && variation && variation.bytes >= size.bytes) {
      const path = ["slicer", "variation"];
      complaints.push({ code: "conflict", path, at: "value", message: "`variation` is less than `size`" });
    }
    if (size && size.bytes < 1) {
      const path = ["slicer", "size"];
      complaints.push({ code: "wrong-value", path, at: "value", message: "a piece has at least 1B" });
    }
    return complaints;
  },
  actions: ({ slicer }, at) =>
    slicer
      ? [
          toxicAction("slicer", at, "slicer", {
            average_size: slicer.size.bytes,
            size_variation: slicer.variation?.bytes ?? 0,
            // Toxiproxy counts this one in microseconds.
            delay: whole(slicer.delay.ms * 1000),
          }),
        ]
      : [],
  describe: describeToxics(
    ({ bytes, value, way }) =>
      `pieces of ${bytes("average_size")} ± ${bytes("size_variation")}, ${exactMs(value("delay") / 1000)} apart${way}`,
  ),
});
