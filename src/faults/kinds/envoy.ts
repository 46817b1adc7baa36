import { grpcStatusCode } from "../../support/names/grpc-status.js";
import { faultKind } from "../fault-kind.js";
import { checkEnvoy } from "./envoy/complaints.js";
import { describeEnvoy } from "./envoy/describe.js";
import { ENVOY, type EnvoySpec, envoyAction } from "./envoy/envoy-action.js";
import { type EnvoyInput, envoyInput } from "./envoy/input.js";

export const envoy = faultKind({
  name: ENVOY,
  driver: ENVOY,
  targetUrl: ["envoy", "admin"],
  keys: {
    envoy: envoyInput
      .meta({
        description:
          "Acts on requests that cross an Envoy, by its fault filter (envoy.filters.http.fault) and its runtime.",
        samples: [{ admin: "http://127.0.0.1:9901", abort: { status: 503, share: "30%" } }],
      })
      .optional(),
  },
  modifiers: [],
  target: ({ envoy: input }) => input?.admin?.replace(/\/$/, "") ?? null,
  slots: ({ envoy: input }) => {
    const where = input?.statPrefix === undefined ? "" : ` of ${input.statPrefix}`;
    return (["abort", "delay"] as const).filter((key) => input?.[key]).map((key) => `${key}${where}`);
  },
  check: ({ envoy: input }) => (input ? checkEnvoy(input) : []),
  actions: ({ envoy: input }, { target }) => (input ? [envoyAction(target, specOf(input))] : []),
  describe: describeEnvoy,
});

function specOf({ statPrefix, abort, delay }: EnvoyInput): EnvoySpec {
  return {
    statPrefix: statPrefix ?? null,
    abort: abort
      ? {
          status: abort.grpc === undefined ? (abort.status ?? DEFAULT_STATUS) : grpcStatusCode(abort.grpc),
          grpc: abort.grpc !== undefined,
          share: abort.share?.ratio ?? 1,
        }
      : null,
    delay: delay ? { ms: delay.fixed.ms, share: delay.share?.ratio ?? 1 } : null,
  };
}

/** What proxies answer for a dependency that is gone. */
const DEFAULT_STATUS = 503;
