import { POD } from "../../kubernetes/objects.js";
import type { RightsFor } from "../cluster/rights-for.js";
import { CHAOS_KINDS, chaosSpecOf } from "../kinds/chaos-mesh/chaos-action.js";
import { chosenNamespaces } from "../kinds/chaos-mesh/chosen-namespaces.js";
import { isOneShot } from "./chaos-object.js";

/** On the objects that it makes. */
const VERBS = ["create", "get", "patch", "delete"];

/**
 * What the driver does. Chaos Mesh lets only those make an object who may do so in each namespace that its selectors choose.
 */
export const rightsFor: RightsFor = (actions) => {
  return actions.flatMap((action) => {
    const chaos = chaosSpecOf(action);
    if (chaos === null) return [];
    const group = "chaos-mesh.org";
    const resource = CHAOS_KINDS[chaos.kind];
    const others = chosenNamespaces(chaos.spec).map(({ name }) => name);
    // Whether those that it was injected into are there at the end. A fault that ends pods asks for none.
    const looked = isOneShot(chaos) ? [] : [...new Set([chaos.namespace, ...others])];
    return [
      ...VERBS.map((verb) => ({ verb, group, resource, namespace: chaos.namespace })),
      ...others
        .filter((namespace) => namespace !== chaos.namespace)
        .map((namespace) => ({ verb: "create", group, resource, namespace })),
      ...looked.map((namespace) => ({ verb: "list", group: POD.group, resource: POD.plural, namespace })),
    ];
  });
};
