/** The actions of the driver "grpc": the kind makes them, the driver carries them out. */

import { z } from "zod";
import { GRPC_STATUSES } from "../../../support/names/grpc-status.js";
import type { FaultAction, Json } from "../../fault-action.js";

export const GRPC = "grpc";

const texts = z.record(z.string(), z.string());

const rule = z.object({
  /** Which calls: all that is given has to fit. `*` stands for any text. "shop.Quotes/Get" */
  method: z.string().optional(),
  metadata: texts.optional(),
  /** Which of those: one of these at the most. */
  share: z.number().optional(),
  first: z.number().optional(),
  every: z.number().optional(),
  /** Those beyond so many a second. */
  abovePerS: z.number().optional(),
  delayMs: z.number().optional(),
  jitterMs: z.number().optional(),
  /** What is delayed: the call on its way to the upstream, or the answer on its way back. */
  before: z.enum(["request", "answer"]).optional(),
  /** The status of an answer in place of the upstream's, which does not see the call. */
  status: z.enum(GRPC_STATUSES).optional(),
  message: z.string().optional(),
  trailers: texts.optional(),
  /** How many messages of the answer pass before the stream is broken off. */
  cutAfter: z.number().optional(),
});

/** What is done to which calls. */
export interface GrpcRule extends Readonly<z.output<typeof rule>> {}

export function grpcAction(target: string, spec: GrpcRule): FaultAction {
  // Keys that are not given are no keys.
  const given = Object.entries<Json | undefined>({ ...spec }).flatMap(
    ([key, value]): readonly (readonly [string, Json])[] => (value === undefined ? [] : [[key, value]]),
  );
  return { kind: GRPC, driver: GRPC, target, spec: Object.fromEntries(given) };
}

/** @returns null when the action is no rule for calls. */
export function grpcRuleOf({ driver, spec }: FaultAction): GrpcRule | null {
  return driver === GRPC ? (rule.safeParse(spec).data ?? null) : null;
}
