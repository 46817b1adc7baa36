/** Requests that carried a trace id, as record.json keeps some of them. */

import { z } from "zod";
import { OUTCOMES } from "../outcome.js";
import { amount, anyText, count, type Described, listOf, nullableText, orNull } from "../schema-parts.js";

export const tracedRequest = z.looseObject({
  traceId: anyText.describe("32 hex digits; the last 16 of them are the id of the request's own span."),
  request: anyText,
  outcome: z.enum(OUTCOMES, "expected an outcome"),
  reason: nullableText.describe("Why it failed, as in `reasons`; null: it was ok."),
  status: orNull(count).describe("Of its answer; null: no whole answer came in time."),
  dueS: amount.describe("Seconds of the phase until it was due."),
  ms: amount.describe("Milliseconds from when it was due to its end."),
});

export const tracedRequests = listOf(tracedRequest);

/** A sampled request of which a trace is known. */
export interface TracedRequest extends Described<typeof tracedRequest> {}
