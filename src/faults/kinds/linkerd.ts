import { faultKind } from "../fault-kind.js";
import { checkLinkerd } from "./linkerd/complaints.js";
import { describeLinkerd } from "./linkerd/describe.js";
import { type LinkerdInput, linkerdInput } from "./linkerd/input.js";
import { LINKERD, type LinkerdSpec, linkerdAction } from "./linkerd/linkerd-action.js";

export const linkerd = faultKind({
  name: LINKERD,
  driver: LINKERD,
  keys: {
    linkerd: linkerdInput
      .meta({
        description:
          "Sends requests to a Service of a Linkerd mesh to a backend that fails, by its HTTPRoute (docs/meshes.md).",
        samples: [{ namespace: "shop", service: "payments", share: "30%", clients: { app: "cart" } }],
      })
      .optional(),
  },
  modifiers: [],
  target: ({ linkerd: input }) =>
    input?.service === undefined || input.namespace === undefined
      ? null
      : `${input.service} in ${input.namespace}`,
  cluster: ({ linkerd: input }) =>
    input?.namespace === undefined
      ? []
      : [{ list: "namespaces", name: input.namespace, path: [LINKERD, "namespace"] }],
  // Each changes the routes of the Service as a whole.
  slots: () => ["fault"],
  check: ({ linkerd: input }) => (input ? checkLinkerd(input) : []),
  actions: ({ linkerd: input }, { target }) => (input ? [linkerdAction(target, specOf(input))] : []),
  describe: describeLinkerd,
});

function specOf(input: LinkerdInput): LinkerdSpec {
  const { namespace, service, port, group, route, path, headers, share, backend, clients } = input;
  return {
    namespace,
    service,
    port: port ?? null,
    group: group ?? "gateway.networking.k8s.io",
    route: route ?? null,
    // Every path is below it.
    path: path === undefined || path === "/" ? null : path,
    headers: Object.fromEntries(
      Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
    ),
    share: share?.ratio ?? 1,
    backend: backend ? { service: backend.service, port: backend.port ?? null } : null,
    clients: clients ?? null,
  };
}
