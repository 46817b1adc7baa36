/** What became of what a run told others while it went on: one for each exporter. The same in record and report. */

import { z } from "zod";
import { anyText, count, type Described, number, orNull } from "../schema-parts.js";

/**
 * Why something was not taken.
 * - no_answer: nobody answered, or not in time. `reason`
 * - refused: it answered, and would again. `status`, `said`
 * - busy: it answered that it cannot now. `status`, `said`
 * - unreadable: it answered that it took it, but not in a way that says what it took. `status`
 * - failed: faultline itself could not send it. `reason`
 * - slow: it took what it got, and more came than that.
 * - ended: the run was over before it was sent.
 */
const trouble = z.looseObject({
  id: z.enum(["no_answer", "refused", "busy", "unreadable", "failed", "slow", "ended"]),
  facts: z.record(z.string(), z.union([anyText, number])),
});

export const telemetryRecord = z.looseObject({
  exporter: anyText.describe("Its key under `telemetry:`."),
  to: anyText.describe("Where it was sent, without a query."),
  sent: count.describe("Rows and events that its receiver took."),
  dropped: count.describe("Those that it did not take, or not in time."),
  trouble: orNull(trouble).describe("The last reason why. null: nothing was dropped."),
});

export interface TelemetryRecord extends Described<typeof telemetryRecord> {}

export type TelemetryTrouble = NonNullable<TelemetryRecord["trouble"]>;
