import { faultKind } from "../fault-kind.js";
import { checkIstio } from "./istio/complaints.js";
import { describeIstio } from "./istio/describe.js";
import { type IstioInput, istioInput } from "./istio/input.js";
import { ISTIO, type IstioSpec, istioAction } from "./istio/istio-action.js";

export const istio = faultKind({
  name: ISTIO,
  driver: ISTIO,
  keys: {
    istio: istioInput
      .meta({
        description:
          "Acts on requests to a host of an Istio mesh, by the faults of its VirtualService (docs/meshes.md).",
        samples: [{ namespace: "shop", host: "payments", abort: { status: 503, share: "30%" } }],
      })
      .optional(),
  },
  modifiers: [],
  target: ({ istio: input }) =>
    input?.host === undefined || input.namespace === undefined ? null : `${input.host} in ${input.namespace}`,
  cluster: ({ istio: input }) =>
    input?.namespace === undefined
      ? []
      : [{ list: "namespaces", name: input.namespace, path: [ISTIO, "namespace"] }],
  // Each changes the routes of the host as a whole.
  slots: () => ["fault"],
  check: ({ istio: input }) => (input ? checkIstio(input) : []),
  actions: ({ istio: input }, { target }) => (input ? [istioAction(target, specOf(input))] : []),
  describe: describeIstio,
});

/** What proxies answer for a dependency that is gone. */
const DEFAULT_STATUS = 503;

function specOf({ namespace, host, route, headers, abort, delay, clients }: IstioInput): IstioSpec {
  return {
    namespace,
    host,
    route: route ?? null,
    headers: Object.fromEntries(
      Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
    ),
    abort: abort
      ? {
          status: abort.grpc === undefined ? (abort.status ?? DEFAULT_STATUS) : null,
          grpc: abort.grpc ?? null,
          share: abort.share?.ratio ?? 1,
        }
      : null,
    delay: delay ? { ms: delay.fixed.ms, share: delay.share?.ratio ?? 1 } : null,
    clients: clients ?? null,
  };
}
