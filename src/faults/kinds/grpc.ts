import { faultKind } from "../fault-kind.js";
import { percentageAxis } from "../search-axis.js";
import { checkGrpc } from "./grpc/complaints.js";
import { describeGrpc } from "./grpc/describe.js";
import { GRPC, type GrpcRule, grpcAction } from "./grpc/grpc-rule.js";
import { type GrpcInput, grpcInput } from "./grpc/input.js";

export const grpcFault = faultKind({
  name: "grpc",
  driver: GRPC,
  protocol: GRPC,
  keys: {
    grpc: grpcInput
      .meta({
        description:
          "Acts on single calls of a proxy with `protocol: grpc`. Which: `match`, and one of `share`, `first`, `every`, `above`.",
        samples: [{ status: "UNAVAILABLE", share: "30%" }],
      })
      .optional(),
  },
  modifiers: [],
  // Rules of one proxy go together: calls meet them in their order.
  slots: () => [],
  check: ({ grpc: input }) => (input ? checkGrpc(input) : []),
  actions: ({ grpc: input }, { target }) => (input ? [grpcAction(target, ruleOf(input))] : []),
  describe: describeGrpc,
  search: [
    percentageAxis({
      key: "unavailable",
      sample: "1%..50%",
      attribute: "UNAVAILABLE",
      label: "share of calls answered with UNAVAILABLE",
      description: "The share of calls that is answered with UNAVAILABLE, with `protocol: grpc`.",
      action: ({ target }, percent) => grpcAction(target, { status: "UNAVAILABLE", share: percent / 100 }),
    }),
  ],
});

function ruleOf({ match = {}, delay, jitter, before, cut, share, above, ...input }: GrpcInput): GrpcRule {
  return {
    ...match,
    share: share?.ratio,
    first: input.first,
    every: input.every,
    abovePerS: above?.perS,
    delayMs: delay?.ms,
    jitterMs: jitter?.ms,
    before,
    status: input.status,
    message: input.message,
    trailers: input.trailers,
    cutAfter: cut === true ? 0 : cut,
  };
}
