import { z } from "zod";
import { choice, list, text } from "./quantities.js";

const expectation = () =>
  text("an SLO, such as p99 < 500ms").meta({
    description:
      "metric operator target: availability, error_rate, p50 … p999, max, throughput, recovery, detection; p99(checkout) for one request; targets with units or relative to the baseline.",
    examples: ["availability >= 99.9%", "p99 < 500ms", "p99 < 3x baseline", "recovery < 5s"],
  });

/** As text, or as a map when it is to hold in other phases than during the fault. */
export const slo = z.union(
  [
    expectation(),
    z.strictObject({
      expect: expectation(),
      phases: list(choice(["baseline", "fault", "recovery"]), "a list of phases")
        .min(1, { error: "at least one phase" })
        .meta({ description: "Phases that it gates.", default: ["fault"], examples: [["fault", "recovery"]] })
        .optional(),
    }),
  ],
  { error: "an SLO, such as p99 < 500ms" },
);
export type SloInput = z.output<typeof slo>;
