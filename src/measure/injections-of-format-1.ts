/** What a fault did, as records of format 1 have it. They know only one driver. */

import { z } from "zod";
import type { FaultAction } from "../faults/fault-action.js";
import { actionOfToxic } from "../faults/kinds/toxic.js";
import { downAction } from "../faults/toxic.js";
import { amount, anyText, number } from "./schema-parts.js";

export const injectionOfFormat1 = z
  .discriminatedUnion(
    "kind",
    [
      z.looseObject({
        kind: z.literal("toxic"),
        proxy: anyText,
        toxic: z.looseObject({
          type: anyText,
          stream: z.enum(["upstream", "downstream"]),
          toxicity: amount,
          attributes: z.record(z.string(), number),
        }),
      }),
      z.looseObject({ kind: z.literal("down"), proxy: anyText }),
    ],
    "expected an injection",
  )
  .transform((injection): FaultAction => {
    if (injection.kind === "down") return downAction("down", injection.proxy);
    const { type, stream, toxicity, attributes } = injection.toxic;
    return actionOfToxic(injection.proxy, { type, stream, toxicity, attributes });
  });
