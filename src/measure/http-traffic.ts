/** How records hold what crossed proxies with a `protocol`; HttpTraffic says what each key means. */

import { z } from "zod";
import type { HttpTraffic } from "../faults/http-traffic.js";
import { anyText, count, counts, integers, listOf, number } from "./schema-parts.js";

const route = z.looseObject({
  route: anyText,
  requests: count,
  actedOn: count,
  statuses: z.record(z.string(), count),
});

export const httpTraffic: z.ZodType<HttpTraffic> = z.looseObject({
  proxy: anyText,
  startS: number,
  seconds: z.looseObject({ requests: counts, opened: counts, open: counts, givenUp: counts }),
  routes: listOf(route),
  unreadable: count,
  exchanges: z.looseObject({
    omitted: count,
    endTenthMs: integers,
    tookTenthMs: counts,
    connection: counts,
    route: counts,
    status: counts,
    end: counts,
    digest: counts,
    flags: counts,
  }),
});
