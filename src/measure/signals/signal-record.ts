/** What record.json holds of one signal in one phase: its samples, and what speaks against them. */

import { z } from "zod";
import { SIGNAL_TROUBLES, type SignalTrouble } from "../../slo/signal-trouble.js";
import { amount, anyText, count, type Described, listOf, number, numbers } from "../schema-parts.js";

const signalTrouble: z.ZodType<SignalTrouble> = z.looseObject({
  id: z.enum(SIGNAL_TROUBLES, "expected a trouble of a signal"),
  facts: z.record(z.string(), z.union([anyText, number])),
});

export const signalRecord = z.looseObject({
  signal: anyText,
  alert: anyText
    .optional()
    .describe(
      "Set where it is an alert, whose states the values are: 0 quiet, 1 pending, 2 firing, 3 silenced, 4 inhibited.",
    ),
  everyS: amount.describe("Seconds between two samples; 0: not known."),
  atS: numbers.describe("When each sample was taken, in seconds since load began."),
  values: numbers.optional().describe("Of a signal with a value."),
  bad: numbers.optional().describe("Counted bad in the time before each sample."),
  total: numbers.optional().describe("Counted in all in the time before each sample."),
  restarts: count
    .optional()
    .describe("How often a counter began anew: what it had counted since the sample before is not known."),
  troubles: listOf(signalTrouble).describe(
    "Why the samples say nothing of the phase. Empty: nothing speaks against them.",
  ),
});

export interface SignalRecord extends Described<typeof signalRecord> {}
