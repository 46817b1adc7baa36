/** What record.json holds of one fault: what it did, when, and the proof of it. */

import { z } from "zod";
import type { FaultAction, FaultStage } from "../faults/fault-action.js";
import { proofSchema } from "../faults/proof.js";
import { aroundFault } from "./around-change.js";
import { injectionOfFormat1 } from "./injections-of-format-1.js";
import {
  amount,
  anyText,
  count,
  type Described,
  listOf,
  nullableNumber,
  nullableText,
  number,
} from "./schema-parts.js";
import { faultAction, laterRoundSchema, search } from "./shared-fields.js";

/** Actions that begin at one time. In records of format 1 they are called `injections`. */
const deeds = { actions: listOf(faultAction).optional(), injections: listOf(injectionOfFormat1).optional() };

function given(
  actions: readonly FaultAction[] | undefined,
  context: z.RefinementCtx,
): readonly FaultAction[] {
  if (!actions) context.addIssue({ code: "custom", message: "expected a list", path: ["actions"] });
  return actions ?? [];
}

const stage: z.ZodType<FaultStage> = z
  .looseObject({ atMs: amount, ...deeds })
  .transform(({ injections, actions, ...rest }, context) => ({
    ...rest,
    actions: given(actions ?? injections, context),
  }));

/**
 * - no_healthy_baseline: SLOs were broken before any fault, or nothing could be measured.
 * - not_back: the system did not come back at its SLOs after the fault that is named.
 */
const OBSTACLES = ["no_healthy_baseline", "not_back"] as const;

export type ObstacleId = (typeof OBSTACLES)[number];

const requests = z.looseObject({
  scheduled: count,
  failed: count.describe("With any outcome but ok."),
  durationS: number,
});

/** A first measurement that the load generator's lateness left undecided. The phases have the second one. */
const firstTry = z.looseObject({
  fault: requests,
  recovery: z.union([z.null(), requests], "expected counts or null"),
});

export type FirstTry = Described<typeof firstTry>;

export const faultRecord = z
  .looseObject({
    /** The fault's label. Each round of a repeated fault has its own. */
    name: anyText,
    round: laterRoundSchema.optional(),
    /** From the fault's begin. */
    ...deeds,
    /** Later steps of a staged fault. */
    stages: listOf(stage).optional(),
    /** Older records lack it, and so do faults that were measured once. */
    firstTry: firstTry.optional(),
    /** Seconds since load began. null when it was never injected; then `notRun` says why. */
    injectedAtS: nullableNumber,
    removedAtS: nullableNumber,
    /** When all of it had ended by itself, before it was removed: the service that it killed was started again. */
    letBackAtS: number.optional(),
    /** Requests around its injection and its removal, which no phase judges. Older records and searches lack them. */
    around: aroundFault.optional(),
    notRun: nullableText,
    /** `notRun` without its details. Older records lack it. */
    notRunBrief: anyText.optional(),
    /** What kept it from being run. Older records lack it, and so do those of runs that ended before it. */
    obstacle: z
      .looseObject({
        id: z.enum(OBSTACLES, "expected what kept a fault from being run"),
        fault: nullableText,
      })
      .optional(),
    proof: z.union([z.null(), proofSchema], "expected a proof or null"),
    search: z.union([z.null(), search], "expected a search or null"),
  })
  .transform(({ injections, actions, ...rest }, context) => ({
    ...rest,
    actions: given(actions ?? injections, context),
  }));

export interface FaultRecord extends Described<typeof faultRecord> {}
