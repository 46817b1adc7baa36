import { POD, SERVICE } from "../../kubernetes/objects.js";
import type { Right } from "../../kubernetes/rights.js";
import type { RightsFor } from "../cluster/rights-for.js";
import { linkerdSpecOf, ROUTE_GROUPS } from "../kinds/linkerd/linkerd-action.js";
import { GRPC_ROUTE, SERVICE_PROFILE, TCP_ROUTE, TLS_ROUTE } from "./mesh-kinds.js";

const HTTP_ROUTES = "httproutes";

export const rightsFor: RightsFor = (actions) =>
  actions.flatMap((action): readonly Right[] => {
    const spec = linkerdSpecOf(action);
    if (spec === null) return [];
    const { namespace, service, backend, group, route, clients } = spec;
    // One that is named is there: none is made.
    const verbs = route === null ? ["get", "patch", "create", "delete"] : ["get", "patch"];
    // Where an HTTPRoute may be made, it must not take the place of others.
    const lesser = route === null ? [TLS_ROUTE, TCP_ROUTE] : [];
    const others = [GRPC_ROUTE, ...lesser, SERVICE_PROFILE];
    const services = [service, ...(backend === null ? [] : [backend.service])];
    return [
      ...ROUTE_GROUPS.map((each) => ({ verb: "list", group: each, resource: HTTP_ROUTES, namespace })),
      ...others.map((kind) => ({ verb: "list", group: kind.group, resource: kind.plural, namespace })),
      ...verbs.map((verb) => ({ verb, group, resource: HTTP_ROUTES, namespace })),
      ...services.map((name) => ({
        verb: "get",
        group: SERVICE.group,
        resource: SERVICE.plural,
        namespace,
        name,
      })),
      ...(clients === null
        ? []
        : [
            { verb: "list", group: POD.group, resource: POD.plural, namespace },
            { verb: "get", group: POD.group, resource: `${POD.plural}/proxy`, namespace },
          ]),
    ];
  });
