import { z } from "zod";
import { choice, text } from "../../../quantities/schema.js";
import { CHAOS_KINDS, type ChaosKindName } from "./chaos-action.js";

// The table has one or more.
const NAMES = Object.keys(CHAOS_KINDS) as [ChaosKindName, ...ChaosKindName[]];

/** What a user writes under `chaosMesh:`. */
export const chaosInput = z.strictObject(
  {
    kind: choice(NAMES).meta({ description: "What Chaos Mesh calls it.", samples: ["NetworkChaos"] }),
    namespace: text("a namespace").meta({
      description: "Where the object is made. Its selectors act there, too, unless they name others.",
      samples: ["shop"],
    }),
    spec: z
      .record(z.string(), z.json({ error: "data that can be written as JSON" }), {
        error: "a map: the `spec` of such an object, as Chaos Mesh documents it",
      })
      .meta({
        description:
          "The `spec` as Chaos Mesh documents it. Its selectors have to choose pods by more than the namespace. `duration` is set by faultline.",
        samples: [
          {
            action: "delay",
            mode: "all",
            selector: { labelSelectors: { app: "payments" } },
            delay: { latency: "300ms" },
          },
        ],
      }),
  },
  { error: "a map with `kind`, `namespace` and `spec`" },
);

export type ChaosInput = z.output<typeof chaosInput>;
