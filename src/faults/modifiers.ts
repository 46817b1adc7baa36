import { choice, percentage } from "../quantities/schema.js";

/** Keys beside a kind of fault that change how it works, for kinds that take them. */
export const MODIFIERS = {
  stream: choice(["upstream", "downstream"])
    .meta({
      description:
        "Which way the effect works: upstream is from the service to the dependency (requests), downstream is what comes back (answers).",
    })
    .optional(),
  toxicity: percentage()
    .meta({
      description:
        "Share of connections (not of requests) that are hit. With pooled connections 30% of connections is not 30% of requests.",
      samples: ["30%"],
    })
    .optional(),
};

export type Modifier = keyof typeof MODIFIERS;
export type Stream = "upstream" | "downstream";

/** Where a fault acts, and how. */
export interface FaultPlace {
  readonly target: string;
  readonly stream: Stream;
  /** Share of connections (not requests) that are hit, 0..1. */
  readonly toxicity: number;
}
