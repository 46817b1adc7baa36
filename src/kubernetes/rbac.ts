/** Rights as objects that somebody who may grant them applies. */

import { stringify } from "yaml";
import type { Right } from "./rights.js";

/** Who gets the rights. */
export type Grantee =
  | { readonly kind: "ServiceAccount"; readonly namespace: string; readonly name: string }
  | { readonly kind: "User" | "Group"; readonly name: string };

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

const API = "rbac.authorization.k8s.io";

/**
 * A Role for each namespace, a ClusterRole for what is in none, and their bindings, as YAML.
 * @param rights each once.
 * @param name of the roles and their bindings. Whoever applies others of this name takes these rights away.
 */
export function rbacManifests(rights: readonly Right[], grantee: Grantee, name: string): string {
  const namespaces = [...new Set(rights.map(({ namespace }) => namespace))];
  const objects = namespaces.flatMap((namespace) => {
    const rules = rulesOf(rights.filter((right) => right.namespace === namespace));
    return rules.length === 0 ? [] : roleAndBinding(namespace, rules, { grantee, name });
  });
  const account =
    grantee.kind === "ServiceAccount"
      ? [
          {
            apiVersion: "v1",
            kind: "ServiceAccount",
            metadata: { name: grantee.name, namespace: grantee.namespace },
          },
        ]
      : [];
  return [...account, ...objects].map((object) => stringify(object)).join("---\n");
}

function roleAndBinding(
  namespace: string | null,
  rules: readonly Rule[],
  { grantee, name }: { readonly grantee: Grantee; readonly name: string },
): readonly object[] {
  const kind = namespace === null ? "ClusterRole" : "Role";
  const metadata = { name, ...(namespace === null ? {} : { namespace }) };
  return [
    { apiVersion: `${API}/v1`, kind, metadata, rules },
    {
      apiVersion: `${API}/v1`,
      kind: `${kind}Binding`,
      metadata,
      roleRef: { apiGroup: API, kind, name },
      subjects: [grantee.kind === "ServiceAccount" ? grantee : { apiGroup: API, ...grantee }],
    },
  ];
}

/** One rule for each resource, and for each single object of it. */
function rulesOf(rights: readonly Right[]): readonly Rule[] {
  const rules = new Map<string, Rule>();
  for (const { group, resource, name, verb } of rights) {
    const key = JSON.stringify([group, resource, name]);
    const verbs = rules.get(key)?.verbs ?? [];
    rules.set(key, {
      apiGroups: [group],
      resources: [resource],
      ...(name === undefined ? {} : { resourceNames: [name] }),
      verbs: verbs.includes(verb) ? verbs : [...verbs, verb],
    });
  }
  return [...rules.values()];
}
