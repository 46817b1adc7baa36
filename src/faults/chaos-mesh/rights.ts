import type { RightsFor } from "../cluster/rights-for.js";
import { CHAOS_KINDS, chaosSpecOf } from "../kinds/chaos-mesh/chaos-action.js";
import { chosenNamespaces } from "../kinds/chaos-mesh/chosen-namespaces.js";

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
    return [
      ...VERBS.map((verb) => ({ verb, group, resource, namespace: chaos.namespace })),
      ...others
        .filter((namespace) => namespace !== chaos.namespace)
        .map((namespace) => ({ verb: "create", group, resource, namespace })),
    ];
  });
};
