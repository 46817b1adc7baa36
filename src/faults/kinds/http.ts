import { faultKind } from "../fault-kind.js";
import { HTTP, httpAction } from "../http-rule.js";
import { durationAxis, percentageAxis } from "../search-axis.js";
import { checkHttp } from "./http/complaints.js";
import { describeHttp } from "./http/describe.js";
import { type HttpInput, httpInput } from "./http/input.js";

export const http = faultKind({
  name: "http",
  driver: HTTP,
  protocol: "http",
  keys: {
    http: httpInput
      .meta({
        description:
          "Acts on single requests of a proxy with `protocol: http`. Which: `match`, and one of `share`, `first`, `every`, `above`.",
        samples: [{ status: 503, share: "30%" }],
      })
      .optional(),
  },
  modifiers: [],
  // Rules of one proxy go together: requests meet them in their order.
  slots: () => [],
  check: ({ http: input }) => (input ? checkHttp(input) : []),
  actions: ({ http: input }, { target }) => (input ? [httpAction(target, ruleOf(input))] : []),
  describe: describeHttp,
  search: [
    durationAxis({
      key: "delay",
      sample: "0ms..2s",
      attribute: "delay",
      label: "delay of requests",
      description: "How long each request is held before it goes on, with `protocol: http`.",
      action: ({ target }, ms) => httpAction(target, { delayMs: ms }),
    }),
    percentageAxis({
      key: "share",
      sample: "1%..50%",
      attribute: "503s",
      label: "share of requests answered with 503",
      description: "The share of requests that is answered with 503, with `protocol: http`.",
      action: ({ target }, percent) => httpAction(target, { status: 503, share: percent / 100 }),
    }),
  ],
});

function ruleOf(input: HttpInput) {
  const { match: wanted = {}, delay, jitter, before, cut, slowHeaders, share, above, close, reset } = input;
  return {
    ...wanted,
    share: share?.ratio,
    first: input.first,
    every: input.every,
    abovePerS: above?.perS,
    delayMs: delay?.ms,
    jitterMs: jitter?.ms,
    before,
    status: input.status,
    headers: input.headers,
    body: input.body,
    cut: cut?.ratio,
    ends: close ? ("close" as const) : reset ? ("reset" as const) : undefined,
    slowHeadersMs: slowHeaders?.ms,
  };
}
