/** The actions of the driver "http": the kind makes them, the driver carries them out. */

import { z } from "zod";
import type { FaultAction, Json } from "./fault-action.js";

export const HTTP = "http";

const texts = z.record(z.string(), z.string());

const rule = z.object({
  /** Which requests: all that is given has to fit. `*` stands for any text. */
  method: z.string().optional(),
  path: z.string().optional(),
  query: texts.optional(),
  header: texts.optional(),
  /** Which of those: one of these at the most. */
  share: z.number().optional(),
  first: z.number().optional(),
  every: z.number().optional(),
  /** Those beyond so many a second. */
  abovePerS: z.number().optional(),
  delayMs: z.number().optional(),
  jitterMs: z.number().optional(),
  /** What is delayed: the request on its way to the upstream, or the answer on its way back. */
  before: z.enum(["request", "answer"]).optional(),
  /** An answer in place of the upstream's, which does not see the request. */
  status: z.number().optional(),
  headers: texts.optional(),
  /** With a status that of the answer; without it, in place of the one in the upstream's answer. */
  body: z.string().optional(),
  /** The share of the body after which the connection is closed. */
  cut: z.number().optional(),
  /** The end of the connection in place of an answer. */
  ends: z.enum(["close", "reset"]).optional(),
  slowHeadersMs: z.number().optional(),
});

/** What is done to which requests. */
export interface HttpRule extends Readonly<z.output<typeof rule>> {}

export function httpAction(target: string, spec: HttpRule): FaultAction {
  // Keys that are not given are no keys.
  const given = Object.entries<Json | undefined>({ ...spec }).flatMap(
    ([key, value]): readonly (readonly [string, Json])[] => (value === undefined ? [] : [[key, value]]),
  );
  return { kind: HTTP, driver: HTTP, target, spec: Object.fromEntries(given) };
}

/** @returns null when the action is no rule for requests. */
export function httpRuleOf({ driver, spec }: FaultAction): HttpRule | null {
  return driver === HTTP ? (rule.safeParse(spec).data ?? null) : null;
}
