import { text } from "../../quantities/schema.js";
import { metricForms } from "../../slo/metrics/index.js";

/** `parseSlo` has the grammar. The checks read the SLO, because it names requests. */
export const slo = () =>
  text("an SLO, such as p99 < 500ms", "slo").meta({
    description: `metric operator target: ${metricForms("or")}; p99(checkout) for one request; targets with units or relative to the baseline (3x baseline).`,
    samples: ["availability >= 99.9%", "p99 < 500ms", "p99(checkout) < 3x baseline", "recovery < 5s"],
  });
