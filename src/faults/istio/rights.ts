import { POD } from "../../kubernetes/objects.js";
import type { Right } from "../../kubernetes/rights.js";
import type { RightsFor } from "../cluster/rights-for.js";
import { istioSpecOf } from "../kinds/istio/istio-action.js";
import { VIRTUAL_SERVICE } from "./virtual-service.js";

/** Of VirtualServices: one that is there is changed, else one is made. */
const VERBS = ["list", "get", "patch", "create", "delete"];

export const rightsFor: RightsFor = (actions) =>
  actions.flatMap((action): readonly Right[] => {
    const spec = istioSpecOf(action);
    if (spec === null) return [];
    const { namespace, clients } = spec;
    const { group, plural: resource } = VIRTUAL_SERVICE;
    const ofRoutes = VERBS.map((verb) => ({ verb, group, resource, namespace }));
    if (clients === null) return ofRoutes;
    return [
      ...ofRoutes,
      { verb: "list", group: POD.group, resource: POD.plural, namespace },
      { verb: "get", group: POD.group, resource: `${POD.plural}/proxy`, namespace },
    ];
  });
