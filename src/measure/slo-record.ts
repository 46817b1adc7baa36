/** What documents hold of an SLO. */

import { z } from "zod";
import { metricProblem } from "../slo/metrics/index.js";
import { JUDGED_PHASES, type Slo } from "../slo/slo.js";
import { anyText, listOf, nullableText, number } from "./schema-parts.js";
import { sloUnit, timedWhat } from "./shared-fields.js";

export const sloRecord: z.ZodType<Slo> = z.looseObject({
  text: anyText,
  metric: z
    .object({ kind: anyText }, "expected a metric")
    .catchall(z.union([anyText, number], "expected a text or a number"))
    .superRefine((spec, context) => {
      const problem = metricProblem(spec);
      if (problem) context.addIssue({ code: "custom", message: problem.expected, path: [problem.key] });
    }),
  request: nullableText,
  timed: timedWhat.optional(),
  operator: z.enum(["<", "<=", ">", ">="], "expected a comparison"),
  target: z.discriminatedUnion(
    "kind",
    [
      z.looseObject({ kind: z.literal("absolute"), value: number, unit: sloUnit }),
      z.looseObject({
        kind: z.literal("baseline_factor"),
        factor: number.positive("expected a number above 0"),
      }),
      z.looseObject({ kind: z.literal("baseline_offset"), offset: number, unit: sloUnit }),
    ],
    "expected a target",
  ),
  windowS: z.union([number.int().positive(), z.null()], "expected a number of seconds or null"),
  phases: listOf(z.enum(JUDGED_PHASES, "expected a phase")),
  fault: nullableText,
  exceptFaults: listOf(anyText),
});
