import { z } from "zod";
import { list, text } from "../../quantities/schema.js";
import { date } from "./date.js";

const exemption = z.strictObject(
  {
    scenario: text("a scenario's file").meta({
      description: "One of `scenarios`, as it is named there.",
      samples: ["slow-cache.yaml"],
    }),
    fault: text("a fault's name").meta({ description: "Its fault.", samples: ["cache cut off"] }),
    reason: text("why").meta({
      description: "Why its failure is accepted for now.",
      samples: ["no fallback before SHOP-12"],
    }),
    owner: text("a name", "words").meta({ description: "Who answers for that.", samples: ["@payments"] }),
    expires: date().meta({
      description: "The last day. After it the file is refused.",
      samples: ["2027-01-31"],
    }),
  },
  { error: "a map with `scenario`, `fault`, `reason`, `owner` and `expires`" },
);

/** Faults whose failure is known, and does not make the day fail for a time. */
export const exempt = list(exemption, "a list of exempt faults");

export type Exemption = z.output<typeof exemption>;
